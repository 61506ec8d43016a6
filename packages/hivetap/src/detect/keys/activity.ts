import type { WindowTally } from '../windows/window-tally.js'
import { NumbersByKey } from './numbers-by-key.js'

/** With each window, what was before counts for so much less. */
const DECAY = 0.95
/** Counts are kept multiplied, so that old ones need not be touched; before that grows too large, all are divided. */
const MOST_SCALE = 1e12

/** How often keys are seen: recent windows count more. */
export class Activity {
  readonly #byKey = new NumbersByKey(Float32Array)
  #scale = 1

  /** The connects of a window that is over. */
  add(tally: WindowTally): void {
    this.#scale /= DECAY
    if (this.#scale > MOST_SCALE) {
      this.#byKey.divide(this.#scale)
      this.#scale = 1
    }
    for (const [slot, key] of tally.keys.entries()) {
      // Stuck ones alone are something too.
      const connects = Math.max(1, tally.connectsOf(slot))
      this.#byKey.set(key, this.of(key) + connects * this.#scale)
    }
  }

  of(key: number): number {
    return this.#byKey.get(key)
  }

  /** In units of now, so that it can be taken up by another. */
  save(key: number): number {
    return this.of(key) / this.#scale
  }

  restore(key: number, activity: number): void {
    this.#byKey.set(key, activity * this.#scale)
  }

  forget(key: number): void {
    this.#byKey.set(key, 0)
  }
}
