/** What somebody must mend is asked for so much more seldom: each agent of a fleet asks. */
const UNPASSING = 4

/** Growing waits between attempts, each by chance between nothing and the whole, so that a fleet does not come back all at once. */
export class Backoff {
  readonly #firstMs: number
  readonly #mostMs: number
  readonly #random: () => number
  #attempts = 0

  /** @param random from 0 to 1 */
  constructor(firstMs: number, mostMs: number, random: () => number) {
    this.#firstMs = firstMs
    this.#mostMs = mostMs
    this.#random = random
  }

  /** All is well: the next wait is a first one. */
  reset(): void {
    this.#attempts = 0
  }

  /**
   * How long to wait next, milliseconds.
   *
   * @param passing whether what failed may pass by itself
   * @param leastMs what the server asked for: on top of it comes as much by chance as ever
   */
  next(passing: boolean, leastMs = 0): number {
    const mostMs = passing ? this.#mostMs : this.#mostMs * UNPASSING
    const whole = Math.min(mostMs, this.#firstMs * 2 ** this.#attempts)
    if (whole < mostMs) this.#attempts++
    return leastMs + whole * this.#random()
  }
}
