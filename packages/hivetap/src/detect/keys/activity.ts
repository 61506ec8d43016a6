import type { WindowTally } from '../windows/window-tally.js'

/** With each window, what was before counts for so much less. */
const DECAY = 0.95
/** Counts are kept multiplied, so that old ones need not be touched; before that grows too large, all are divided. */
const MOST_SCALE = 1e12

/** How often keys are seen: recent windows count more. */
export class Activity {
  #byKey = new Float32Array(64)
  #scale = 1

  /** The connects of a window that is over. */
  add(tally: WindowTally): void {
    this.#scale /= DECAY
    if (this.#scale > MOST_SCALE) {
      for (let key = 0; key < this.#byKey.length; key++)
        this.#byKey[key] = (this.#byKey[key] as number) / this.#scale
      this.#scale = 1
    }
    for (const [slot, key] of tally.keys.entries()) {
      // Stuck ones alone are something too.
      const connects = Math.max(1, tally.connectsOf(slot))
      this.#set(key, this.of(key) + connects * this.#scale)
    }
  }

  of(key: number): number {
    return this.#byKey[key] ?? 0
  }

  /** In units of now, so that it can be taken up by another. */
  save(key: number): number {
    return this.of(key) / this.#scale
  }

  restore(key: number, activity: number): void {
    this.#set(key, activity * this.#scale)
  }

  forget(key: number): void {
    if (key < this.#byKey.length) this.#byKey[key] = 0
  }

  #set(key: number, activity: number): void {
    if (key >= this.#byKey.length) {
      const larger = new Float32Array(Math.ceil(key * 1.5) + 1)
      larger.set(this.#byKey)
      this.#byKey = larger
    }
    this.#byKey[key] = activity
  }
}
