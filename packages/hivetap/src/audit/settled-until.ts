/** Parts of the grace that are told apart. */
const PARTS = 8
/** Parts that are kept at once: records from the future may ask for more. */
const MOST_PARTS = 64

/**
 * How far the sequences of an epoch have settled. Batches on their way overtake each other, so what is missing among the
 * newest may still come; what is missing below a record that is older than the grace does not.
 *
 * It keeps the greatest sequence of each part of the last `graceMs`, and one for all before.
 */
export class SettledUntil {
  readonly #graceMs: number
  readonly #partMs: number
  /** Greatest sequence of each part, by the part's number. */
  readonly #parts = new Map<number, number>()
  #newestMs = Number.NEGATIVE_INFINITY
  #before = -1

  constructor(graceMs: number) {
    this.#graceMs = graceMs
    this.#partMs = Math.max(1, Math.ceil(graceMs / PARTS))
  }

  /** Notes a record. */
  note(timeMs: number, sequence: number): void {
    if (timeMs > this.#newestMs) this.#newestMs = timeMs
    const part = Math.floor(timeMs / this.#partMs)
    const greatest = this.#parts.get(part)
    if (greatest === undefined) {
      this.#parts.set(part, sequence)
      if (this.#parts.size > PARTS + 2) this.#prune()
    } else if (sequence > greatest) this.#parts.set(part, sequence)
  }

  /** The sequence up to which nothing more is to come: that of the newest record that is older than the grace. */
  get sequence(): number {
    this.#prune()
    return this.#before
  }

  #prune(): void {
    for (const [part, sequence] of this.#parts) {
      const isOld = (part + 1) * this.#partMs <= this.#newestMs - this.#graceMs
      if (!isOld && this.#parts.size <= MOST_PARTS) continue
      this.#parts.delete(part)
      if (isOld && sequence > this.#before) this.#before = sequence
    }
  }
}
