import type { DestinationContext } from '../../packages/hivetap/src/delivery/destination.js'
import type { SpoolBatch, SpoolRecord } from '../../packages/hivetap/src/spool/spool.js'

export const EPOCH = '0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00'

/** An event's record, with the envelope that goes in front. */
export function eventRecord(
  sequence: number,
  fields: Readonly<Record<string, unknown>> = {},
  tool = 'tcpconnlat',
  timeMs = Date.UTC(2026, 10, 28, 5, 0, 0) + sequence,
): SpoolRecord {
  const time = `${new Date(timeMs).toISOString().slice(0, -1)}000001Z`
  const envelope = { version: 1, event_id: `${EPOCH}-${sequence}`, time, host: 'node-1', tool }
  return { kind: 'event', tool, timeMs, value: Buffer.from(JSON.stringify({ ...envelope, ...fields })) }
}

/** So many records that follow on each other. */
export function batchOf(
  firstSequence: number,
  count: number,
  fields: (sequence: number) => Readonly<Record<string, unknown>> = () => ({}),
): SpoolBatch {
  const records = Array.from({ length: count }, (_, index) =>
    eventRecord(firstSequence + index, fields(firstSequence + index)),
  )
  return { epoch: EPOCH, firstSequence, records }
}

/** A context that keeps what it was told. */
export function contextOf(notes: string[] = []): DestinationContext {
  return { node: 'node-1', note: (message) => notes.push(message) }
}

/** The sequences of JSON lines; throws where one is not whole. */
export function sequencesOf(text: string): number[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the text ends in half a line')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => Number((JSON.parse(line) as { event_id: string }).event_id.slice(37)))
}
