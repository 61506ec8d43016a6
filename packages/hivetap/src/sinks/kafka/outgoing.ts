import type { SpoolBatch } from '../../spool/spool.js'
import { type BatchRecord, sizeOf } from './record-batch.js'

/** A record on its way: what is sent of it, and its place in the batch. */
export interface Outgoing extends BatchRecord {
  readonly index: number
  readonly topic: string
  readonly timeMs: number
}

/** Cuts records into requests of so many bytes at most, in their order. A record that is larger is one for itself. */
export function requestsOf(records: readonly Outgoing[], maxBytes: number): readonly (readonly Outgoing[])[] {
  const requests: (readonly Outgoing[])[] = []
  let from = 0
  let bytes = 0
  for (let at = 0; at < records.length; at++) {
    const record = records[at]
    const size = record === undefined ? 0 : sizeOf(record)
    if (at > from && bytes + size > maxBytes) {
      requests.push(records.slice(from, at))
      from = at
      bytes = 0
    }
    bytes += size
  }
  // Nearly always all of them go at once, as they are.
  if (from < records.length) requests.push(from === 0 ? records : records.slice(from))
  return requests
}

const OPEN = 0
const DELIVERED = 1
const TOO_LARGE = 2

/** What became of the records of a batch so far. Kept by batch, so that what was delivered is not sent once more with the rest. */
export class BatchProgress {
  /** Of each record, by its place. */
  readonly #states: Uint8Array
  #open: number

  /** @param records how many there are */
  constructor(records: number) {
    this.#states = new Uint8Array(records)
    this.#open = records
  }

  /** Whether nothing became of any record yet. */
  get isFresh(): boolean {
    return this.#open === this.#states.length
  }

  isOpen(index: number): boolean {
    return this.#states[index] === OPEN
  }

  /** The brokers have these. */
  delivered(records: readonly Pick<Outgoing, 'index'>[]): void {
    for (const { index } of records) this.#close(index, DELIVERED)
  }

  /** The brokers never take it. */
  tooLarge(index: number): void {
    this.#close(index, TOO_LARGE)
  }

  /** Places of the records that the brokers never take, in order. */
  get allTooLarge(): number[] {
    const places: number[] = []
    for (let at = this.#states.indexOf(TOO_LARGE); at >= 0; at = this.#states.indexOf(TOO_LARGE, at + 1))
      places.push(at)
    return places
  }

  #close(index: number, state: number): void {
    if (this.isOpen(index)) this.#open--
    this.#states[index] = state
  }
}

/** Progress by batch, as long as whoever delivers holds on to it. */
export type Progresses = WeakMap<SpoolBatch, BatchProgress>
