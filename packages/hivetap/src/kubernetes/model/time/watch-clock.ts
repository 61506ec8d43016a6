/**
 * How long after a thing was so a watch is taken to tell of it at most, milliseconds: the kubelet writes it into the pod's
 * status, a controller carries that into a slice, the API server sends it on.
 */
export const LAG_MS = 30_000

/**
 * How far back what a watch tells may lie. A stream that tells something now and then is behind by no more than LAG_MS. After
 * a silence nobody knows whether nothing happened or nothing came through: then what comes may be of any time since it was last
 * heard, until it has had LAG_MS to catch up. So too after a list: it takes its time, and what happens meanwhile comes after it.
 */
export class WatchClock {
  readonly #now: () => number
  #last = Number.NEGATIVE_INFINITY
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
    // Of a clock that was set back the earlier of two times is the careful one.
    const since = now < this.#caughtUpAt ? Math.min(this.#silentFrom, now) : now
    if (!relisted && now - last <= LAG_MS && now >= last) return { at: now, since: since - LAG_MS }
    this.#silentFrom = Math.min(since, last)
    this.#caughtUpAt = now + LAG_MS
    return { at: now, since: this.#silentFrom - LAG_MS }
  }
}

/** When something was heard, and how far back it may lie, milliseconds since 1970. */
export interface Heard {
  readonly at: number
  /** What it tells was not yet so before. `-Infinity` of what is told first: it may have been so for ever. */
  readonly since: number
}
