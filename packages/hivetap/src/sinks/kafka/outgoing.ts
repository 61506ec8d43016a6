import type { SpoolBatch } from '../../spool/spool.js'
import { type BatchRecord, sizeOf } from './record-batch.js'

/** A record on its way: what is sent of it, and its place in the batch. */
export interface Outgoing extends BatchRecord {
  readonly index: number
  readonly topic: string
  readonly timeMs: number
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
