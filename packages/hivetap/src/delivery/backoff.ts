import { sleep } from '../stream/sleep.js'

/** How long is waited before what can pass by itself is tried again, at first and at most. */
const FIRST_MS = 300
const MOST_MS = 5000
/** At most before what somebody must mend. */
const MOST_UNPASSING_MS = 15_000

/** Growing waits between attempts, each by chance up to a half shorter, so that a fleet does not come back all at once. */
export class Backoff {
  readonly #random: () => number
  #attempts = 0

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** How long to wait next, milliseconds. */
  next(passing: boolean): number {
    const most = passing ? MOST_MS : MOST_UNPASSING_MS
    const whole = Math.min(most, FIRST_MS * 2 ** this.#attempts)
    if (whole < MOST_UNPASSING_MS) this.#attempts++
    return whole * (1 - this.#random() / 2)
  }

  /** Waits, until `signal` aborts. */
  wait(passing: boolean, signal: AbortSignal): Promise<void> {
    return sleep(this.next(passing), signal)
  }
}
