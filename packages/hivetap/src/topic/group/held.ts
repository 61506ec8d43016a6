/** Counts how often partitions were read no further until others had come as far, and for how long. */
export class Held {
  readonly #sinceMs = new Map<number, number>()
  #times = 0
  #heldMs = 0

  /** @param nowMs by a clock that is never set */
  note(partition: number, isHeld: boolean, nowMs: number): void {
    const sinceMs = this.#sinceMs.get(partition)
    if (isHeld === (sinceMs !== undefined)) return
    if (isHeld) {
      this.#times++
      this.#sinceMs.set(partition, nowMs)
      return
    }
    this.#heldMs += nowMs - (sinceMs ?? nowMs)
    this.#sinceMs.delete(partition)
  }

  /** What became of it, in words; `undefined` if nothing was held. */
  text(nowMs: number): string | undefined {
    if (this.#times === 0) return undefined
    const now = [...this.#sinceMs.values()].reduce((sum, sinceMs) => sum + nowMs - sinceMs, 0)
    const seconds = ((this.#heldMs + now) / 1000).toFixed(1)
    return `partitions that were ahead waited ${this.#times} times for others, ${seconds} s together`
  }
}
