/** How often it is noted, and for how long that is kept; longer than a partition that does not answer is waited for. */
const NOTE_MS = 100
const KEPT_MS = 60_000

interface Note {
  readonly ms: number
  readonly newestUs: number
}

/** Knows how far events had been read at a time that is past. */
export class NewestAt {
  #notes: Note[] = []

  /**
   * @param newestUs the latest time of all events that were read: microseconds since 1970
   * @param nowMs by a clock that is never set; so are the others
   */
  note(newestUs: number, nowMs: number): void {
    const last = this.#notes.at(-1)
    if (last?.newestUs === newestUs || nowMs - (last?.ms ?? Number.NEGATIVE_INFINITY) < NOTE_MS) return
    this.#notes.push({ ms: nowMs, newestUs })
    const oldest = this.#notes.findLastIndex(({ ms }) => ms <= nowMs - KEPT_MS)
    if (oldest > 0) this.#notes = this.#notes.slice(oldest)
  }

  /** -Infinity if that is not known. */
  at(ms: number): number {
    return this.#notes.findLast((note) => note.ms <= ms)?.newestUs ?? Number.NEGATIVE_INFINITY
  }
}
