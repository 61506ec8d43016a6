import type { Positions } from '../../topic/group/group-events.js'

/** How often it is noted how far is read; and how many notes are kept: of windows longer than that, later ones count. */
const NOTE_MS = 250
const MOST_NOTES = 4096

interface Note {
  /** The newest of all connects that were read by then. */
  readonly newestUs: number
  readonly positions: Positions
}

/**
 * How far what was read is judged: a record whose window is open may still be part of an alert, and must be read again by whoever
 * goes on without what was known of it.
 */
export class JudgedPositions {
  #notes: Note[] = []
  #notedMs = Number.NEGATIVE_INFINITY
  #judged: Positions = new Map()

  /** So far is read. @param newestUs time of the newest connect: microseconds since 1970 */
  note(positions: Positions, newestUs: number, nowMs: number): void {
    const last = this.#notes.at(-1)
    if (last?.newestUs === newestUs) this.#notes[this.#notes.length - 1] = { newestUs, positions }
    else if (nowMs - this.#notedMs >= NOTE_MS && this.#notes.length < MOST_NOTES) {
      this.#notedMs = nowMs
      this.#notes.push({ newestUs, positions })
    }
  }

  /** The positions up to which all is judged. @param openSinceUs begin of the first window that is open */
  judged(openSinceUs: number): Positions {
    while ((this.#notes[0]?.newestUs ?? Number.POSITIVE_INFINITY) < openSinceUs)
      this.#judged = this.#notes.shift()?.positions ?? this.#judged
    return this.#judged
  }
}
