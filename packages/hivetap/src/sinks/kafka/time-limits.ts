/** What a broker takes, and since when that is known: milliseconds since 1970, by this host's clock. */
interface Limits {
  readonly learnedAt: number
  readonly low: number
  readonly high: number
  /** This host's clock less the broker's; `undefined` where the broker's is not known. */
  readonly ahead: number | undefined
}

/** Limits are learned anew behind this: clocks are set right. */
const LIMITS_AGE_MS = 600_000
/** The broker's limit into the past is this far back where nobody has set one: its `Long.MAX_VALUE`. */
const FOREVER = 2n ** 63n - 1n
const RANGE = /\[(-?\d+),\s*(-?\d+)\]/

/**
 * Times that a broker takes as a record's: not too far ahead of its own clock, nor too far behind. An event of a host whose
 * clock is wrong goes out all the same: its own time stands in its value, and the record's is moved to where the broker
 * takes it.
 */
export class TimeLimits {
  #limits: Limits | undefined
  #moved = 0

  /** Records whose time was moved. */
  get moved(): number {
    return this.#moved
  }

  /** By how many milliseconds this host's clock is ahead of the broker's, as far as is known. */
  get clockAheadMs(): number | undefined {
    return this.#limits?.ahead
  }

  /** The time for a record of an event at `timeMs`, which has a fraction: whole milliseconds, at most now. */
  clamp(timeMs: number, nowMs: number): number {
    const time = Number.isFinite(timeMs) && timeMs >= 0 ? Math.min(Math.floor(timeMs), nowMs) : nowMs
    const limits = this.#limits
    if (limits === undefined) return time
    const passed = nowMs - limits.learnedAt
    if (passed > LIMITS_AGE_MS || passed < 0) {
      this.#limits = undefined
      return time
    }
    const high = limits.ahead === undefined ? limits.high + passed : nowMs - limits.ahead
    const clamped = Math.min(Math.max(time, limits.low + passed), high)
    if (clamped !== time) this.#moved++
    return clamped
  }

  /**
   * Learns from a broker's refusal, which names the times that it takes.
   *
   * @returns whether it did: if not, trying again makes no difference
   */
  learn(refusal: string, nowMs: number): boolean {
    const [, from, to] = RANGE.exec(refusal) ?? []
    if (from === undefined || to === undefined) return false
    const low = BigInt(from)
    const high = Number(to)
    // Without a limit into the past, it is the broker's time less for ever; so its time can be told.
    const brokerNow = low < 0n ? Number(low + FOREVER) : undefined
    if (!Number.isSafeInteger(high) || high < 0) return false
    this.#limits = {
      learnedAt: nowMs,
      low: Math.max(Number(low), 0),
      high,
      ahead: brokerNow !== undefined && brokerNow <= high ? nowMs - brokerNow : undefined,
    }
    return true
  }
}
