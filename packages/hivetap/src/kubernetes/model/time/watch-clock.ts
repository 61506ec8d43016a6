/**
 * How long after a thing was so a watch is taken to tell of it at most, milliseconds: the kubelet writes it into the pod's
 * status, a controller carries that into a slice, the API server sends it on.
 */
export const LAG_MS = 30_000

/**
 * How far back what a watch tells may lie. A stream that tells something now and then is behind by no more than LAG_MS. After
 * a silence nobody knows whether nothing happened or nothing came through: then what comes may be of any time since it was last
 * heard, until it has had LAG_MS to catch up.
 */
export class WatchClock {
  readonly #now: () => number
  #last: number | undefined
  /** What comes before `#caughtUpAt` may lie back as far as this. */
  #silentFrom = Number.NEGATIVE_INFINITY
  #caughtUpAt = Number.NEGATIVE_INFINITY

  /** @param now milliseconds since 1970, as events have them */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Something came.
   *
   * @param relisted it was told anew: what happened meanwhile was not told one by one
   */
  heard(relisted = false): Heard {
    const now = this.#now()
    const last = this.#last
    this.#last = now
    // The first list: it may have been so for ever.
    if (last === undefined) return { at: now, since: Number.NEGATIVE_INFINITY }
    const behind = now < this.#caughtUpAt ? this.#silentFrom : now
    // Of a clock that was set back the earlier of two times is the careful one.
    const from = Math.min(behind, now)
    if (relisted) {
      this.#caughtUpAt = Number.NEGATIVE_INFINITY
      return { at: now, since: Math.min(from, last) - LAG_MS }
    }
    if (now - last > LAG_MS || now < last) {
      this.#silentFrom = Math.min(from, last)
      this.#caughtUpAt = now + LAG_MS
      return { at: now, since: this.#silentFrom - LAG_MS }
    }
    return { at: now, since: from - LAG_MS }
  }
}

/** When something was heard, and how far back it may lie, milliseconds since 1970. */
export interface Heard {
  readonly at: number
  /** What it tells was not yet so before. */
  readonly since: number
}
