import type { MemoryBound } from './memory-bound.js'

/** Bytes of a summary that is remembered by itself, about. */
const ENTRY_BYTES = 64

/**
 * For how many events the summaries of an epoch stand that arrived: up to the last account, which is held against it. Only those
 * behind it are remembered one by one, until an account behind them comes.
 */
export class SummarisedEvents {
  readonly #bound: MemoryBound
  /** Of summaries behind the last account: events, by sequence. */
  readonly #behind = new Map<number, number>()
  #upTo = -1
  #before = 0
  /** Summaries that arrived. */
  records = 0
  /** Whether all of them are counted. */
  isWhole = true

  constructor(bound: MemoryBound) {
    this.#bound = bound
  }

  /** Events in summaries that arrived with a sequence below that of the last account. */
  get beforeAccount(): number {
    return this.#before
  }

  /** A summary arrived for the first time. @returns whether there was room for it */
  add(sequence: number, events: number): boolean {
    this.records++
    if (sequence < this.#upTo) this.#before += events
    else if (this.#bound.take(ENTRY_BYTES)) this.#behind.set(sequence, events)
    else this.isWhole = false
    return this.isWhole
  }

  /** The last account is at this sequence. */
  accountAt(sequence: number): void {
    if (sequence <= this.#upTo) return
    this.#upTo = sequence
    for (const [at, events] of this.#behind) {
      if (at >= sequence) continue
      this.#before += events
      this.#behind.delete(at)
      this.#bound.take(-ENTRY_BYTES)
    }
  }
}
