import { printableLines } from '../../../stream/printable.js'
import type { FieldValue } from './alert-fields.js'

/** Characters of a value at most. */
export const MOST_VALUE = 2000

/** What a receiver makes of a text: nothing, or mark-up and mentions as Slack has them. */
export type Receiver = 'plain' | 'slack'

/** A value as text, that a receiver shows and does not act on: bounded, printable but for its line ends. */
export function valueText(value: FieldValue, receiver: Receiver): string {
  const text = printableLines(String(value ?? ''))
  const cut =
    text.length <= MOST_VALUE ? text : `${text.slice(0, MOST_VALUE - 1).replace(/[\ud800-\udbff]$/, '')}…`
  return receiver === 'slack' ? forSlack(cut) : cut
}

/**
 * Slack and those like it read links and mentions in `<…>`, and some of them a mention behind a plain `@`: who names a
 * process could call everybody. The `@` becomes one that looks alike.
 */
function forSlack(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '\uff20')
}
