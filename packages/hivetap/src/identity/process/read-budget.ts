/** So many readings a second and no more: what comes in a storm is turned away, and counted. */
export class ReadBudget {
  readonly #perSecond: number
  #left: number
  #at = Number.NEGATIVE_INFINITY
  #refused = 0

  /** @param perSecond as many may also be made at once, after a second without */
  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
  }

  /** How many were turned away. */
  get refused(): number {
    return this.#refused
  }

  /**
   * Whether one more may be made.
   *
   * @param nowNs nanoseconds of a clock that does not go back
   */
  take(nowNs: number): boolean {
    const passed = Math.max(0, nowNs - this.#at) / 1e9
    this.#left = Math.min(this.#perSecond, this.#left + passed * this.#perSecond)
    this.#at = Math.max(this.#at, nowNs)
    if (this.#left < 1) {
      this.#refused++
      return false
    }
    this.#left--
    return true
  }
}
