import type { SpoolBatch } from '../spool.js'

/** What an entry and its records take beside the bytes of their values, roughly. */
const ENTRY_BYTES = 400
const RECORD_BYTES = 120

/** What a batch takes in memory, in bytes: an estimate that does not forget small records. */
export function memoryBytes(frameBytes: number, records: number): number {
  return frameBytes + ENTRY_BYTES + records * RECORD_BYTES
}

/** A batch that is held in memory. */
export interface RecentBatch {
  readonly place: number
  readonly batch: SpoolBatch
  readonly bytes: number
  /** Where the log goes on behind it. */
  readonly nextByte: number
  readonly ms: number
}

/** Batches in memory, in the order of their places: the newest are added, the oldest let go. */
export class RecentBatches {
  #entries: (RecentBatch | undefined)[] = []
  #head = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get first(): RecentBatch | undefined {
    return this.#entries[this.#head]
  }

  add(entry: RecentBatch): void {
    this.#entries.push(entry)
    this.#bytes += entry.bytes
  }

  removeFirst(): void {
    const { first } = this
    if (first === undefined) return
    this.#entries[this.#head++] = undefined
    this.#bytes -= first.bytes
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
  }

  /** Lets go of the oldest until they take no more than so many bytes. */
  shrink(bytes: number): void {
    while (this.#bytes > bytes) this.removeFirst()
  }

  /** Lets go of what lies wholly before a place. */
  release(before: number): void {
    for (let { first } = this; first !== undefined; first = this.first) {
      if (first.place + first.batch.records.length > before) return
      this.removeFirst()
    }
  }

  /** The batch that begins at a place. */
  at(place: number): RecentBatch | undefined {
    let [low, high] = [this.#head, this.#entries.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const entry = this.#entries[middle]
      if (entry === undefined || entry.place < place) low = middle + 1
      else if (entry.place > place) high = middle - 1
      else return entry
    }
    return undefined
  }
}
