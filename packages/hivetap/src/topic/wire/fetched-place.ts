import { batchesIn, type SpoiltBatch } from './batches-in.js'
import type { BatchBytes } from './record-batch.js'

/** Bytes that are no batch are asked for so often, before they are given up: they may have been spoilt on their way. */
const MOST_DOUBTS = 3

/** What an answer has of a partition. */
export interface Came {
  /** Those that are to be read. */
  readonly batches: readonly BatchBytes[]
  /** What follows them and is given up. */
  readonly spoilt: SpoiltBatch | undefined
}

/** A partition that is fetched, and from where on. */
export class FetchedPlace {
  readonly partition: number
  /** The offset to fetch next: what is before it is read, or on its way. */
  next: number
  #doubts = 0

  constructor(partition: number, next: number) {
    this.partition = partition
    this.next = next
  }

  /**
   * What came for the next offset. What is no batch is asked for again, and given up only if it stays so.
   *
   * @param end behind the last record that may be read
   * @returns `undefined` if nothing came, and nothing is given up
   */
  look(bytes: Buffer, end: number): Came | undefined {
    const { batches, spoilt } = batchesIn(bytes, this.next, end)
    const last = batches.at(-1)
    if (last !== undefined) {
      this.next = last.lastOffset + 1
      this.trusts()
    }
    const lost = spoilt !== undefined && this.doubts() ? spoilt : undefined
    if (lost !== undefined) this.next = lost.behind
    return last === undefined && lost === undefined ? undefined : { batches, spoilt: lost }
  }

  /**
   * What came for the next offset is no batch.
   *
   * @returns whether it is to be given up; if not, it is to be asked for once more
   */
  doubts(): boolean {
    return ++this.#doubts >= MOST_DOUBTS
  }

  /** A batch came. */
  trusts(): void {
    this.#doubts = 0
  }
}
