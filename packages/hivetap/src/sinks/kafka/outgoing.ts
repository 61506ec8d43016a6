import type { MessageRecord } from '@platformatic/kafka'
import type { SpoolBatch } from '../../spool/spool.js'

/** A record on its way: what is sent of it, and its place in the batch. */
export interface Outgoing {
  readonly index: number
  readonly topic: string
  readonly timeMs: number
  readonly key: Buffer | undefined
  readonly value: Buffer
  readonly headers: Map<Buffer, Buffer>
}

/** Bytes that a record takes beside its key, value and headers, at most. */
const FRAME_BYTES = 40

/** About what a record takes in a request, before compression; never less than it does. */
export function sizeOf({ key, value, headers }: Outgoing): number {
  let size = FRAME_BYTES + (key?.byteLength ?? 0) + value.byteLength
  for (const [name, text] of headers) size += name.byteLength + text.byteLength + 4
  return size
}

/** Cuts records into requests of so many bytes at most, in their order. A record that is larger is one for itself. */
export function* requestsOf(records: readonly Outgoing[], maxBytes: number): Generator<readonly Outgoing[]> {
  let request: Outgoing[] = []
  let bytes = 0
  for (const record of records) {
    const size = sizeOf(record)
    if (request.length > 0 && bytes + size > maxBytes) {
      yield request
      request = []
      bytes = 0
    }
    request.push(record)
    bytes += size
  }
  if (request.length > 0) yield request
}

/** As the library takes it. */
export function messageOf(record: Outgoing, partition: number, timestampMs: number): MessageRecord {
  const { topic, key, value, headers } = record
  return {
    topic,
    partition,
    ...(key === undefined ? {} : { key }),
    value,
    headers,
    timestamp: BigInt(Math.trunc(timestampMs)),
  }
}

/** What became of the records of a batch so far. Kept by batch, so that what was delivered is not sent once more with the rest. */
export class BatchProgress {
  /** Places of records that the brokers have. */
  readonly delivered = new Set<number>()
  /** Places of records that they never take. */
  readonly tooLarge = new Set<number>()

  isOpen(index: number): boolean {
    return !this.delivered.has(index) && !this.tooLarge.has(index)
  }
}

/** Progress by batch, as long as whoever delivers holds on to it. */
export type Progresses = WeakMap<SpoolBatch, BatchProgress>
