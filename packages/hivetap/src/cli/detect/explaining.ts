import type { Dimension, Key } from '../../detect/dimension.js'
import type { Explained } from '../../detect/lane.js'
import { anyOf } from '../../detect/rules/match.js'
import { timeOfUs } from '../../detect/time/time-text.js'
import { printable } from '../../stream/printable.js'
import type { WantedKey } from './wanted-key.js'

/** Whether a key is one of those that are asked for. Of a rule that looks at less apart, what it looks at counts. */
export function keyFits(wanted: WantedKey): (key: Key) => boolean {
  const tests = Object.entries(wanted).map(([dimension, pattern]) => ({
    dimension: dimension as Dimension,
    fits: anyOf([pattern]),
  }))
  return (key) =>
    tests.every(({ dimension, fits }) => key[dimension] === undefined || fits(key[dimension])) &&
    tests.some(({ dimension }) => key[dimension] !== undefined)
}

/** A line of what a rule found of a key in a window. */
export function explainedText({ rule, key, windowStartUs, judgement, isOpen }: Explained): string {
  const who = Object.entries(key).map(([dimension, value]) => `${dimension}=${printable(value)}`)
  const state = isOpen ? 'ALERT' : judgement.verdict
  return `${timeOfUs(windowStartUs).slice(0, 19)}Z  ${rule}  ${state.padEnd(7)}  ${who.join(' ')}  ${judgement.why}\n`
}
