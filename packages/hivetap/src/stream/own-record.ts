import { ENVELOPE_VERSION } from './envelope.js'
import { printableJson } from './printable.js'

/**
 * A record that no tool told, but an agent itself: the envelope, then its fields, as JSON without a newline.
 *
 * @param time RFC 3339, UTC, nanoseconds
 */
export function ownRecord(
  { eventId, time, host }: { readonly eventId: string; readonly time: string; readonly host: string },
  fields: Readonly<Record<string, unknown>>,
): string {
  const envelope = { version: ENVELOPE_VERSION, event_id: eventId, time, host, tool: '' }
  return printableJson(JSON.stringify({ ...envelope, ...fields }))
}

/** A time of the wall clock as the envelope has it. @param ms since 1970 */
export function timeOfMs(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000000Z')
}
