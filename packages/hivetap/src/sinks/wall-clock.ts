import { monotonicNs, realtimeNs } from '@hivetap/bpf'

/** Where the times come from, nanoseconds. */
export interface Clocks {
  monotonicNs(): bigint
  /** Since 1970, UTC. */
  realtimeNs(): bigint
}

const SECOND_NS = 1e9
/** The clocks are read so many times, and the quickest counts: in between, something else may have had the CPU. */
const READINGS = 3

/**
 * Turns times of CLOCK_MONOTONIC into UTC, as RFC 3339 with nanoseconds. The distance between the clocks is measured anew
 * whenever it is asked to: the wall clock is set, and drifts.
 */
export class WallClock {
  readonly #clocks: Clocks
  /** Realtime less monotonic: whole seconds, and the nanoseconds from 0 on that are left. */
  #offset = { seconds: 0, ns: 0 }
  #second: number | undefined
  #secondText = ''

  constructor(clocks: Clocks = { monotonicNs, realtimeNs }) {
    this.#clocks = clocks
    this.measure()
  }

  /** Measures the distance between the clocks: once a batch is often enough. */
  measure(): void {
    let least: bigint | undefined
    let offset = 0n
    for (let times = 0; times < READINGS; times++) {
      const before = this.#clocks.monotonicNs()
      const now = this.#clocks.realtimeNs()
      const after = this.#clocks.monotonicNs()
      if (least !== undefined && after - before >= least) continue
      least = after - before
      offset = now - (before + after) / 2n
    }
    this.#offset = secondsOf(offset)
  }

  /** The time that it is. */
  now(): string {
    const { seconds, ns } = secondsOf(this.#clocks.realtimeNs())
    return this.#text(seconds, ns)
  }

  /**
   * `2026-11-22T18:12:34.123456789Z`
   *
   * @param monotonic nanoseconds; beyond 2^53 of them, 104 days after the host was started, a number holds them to 2 ns,
   *   after ten years to 64: less than lies between the readings of the two clocks
   */
  format(monotonic: number): string {
    const whole = Math.round(monotonic)
    // The remainder is exact, as is the quotient without it, beyond 2^53 too.
    const rest = whole % SECOND_NS
    const { seconds, ns } = this.#offset
    const sum = rest + ns
    const carry = Math.floor(sum / SECOND_NS)
    return this.#text((whole - rest) / SECOND_NS + seconds + carry, sum - carry * SECOND_NS)
  }

  /** The same in milliseconds since 1970. */
  milliseconds(monotonic: number): number {
    const { seconds, ns } = this.#offset
    return monotonic / 1e6 + (seconds * 1e3 + ns / 1e6)
  }

  /** @param second since 1970 @param ns of it */
  #text(second: number, ns: number): string {
    if (second !== this.#second) {
      this.#second = second
      // With the point behind it.
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 20)
    }
    return `${this.#secondText}${String(ns).padStart(9, '0')}Z`
  }
}

/** Nanoseconds as whole seconds, and those from 0 on that are left: also before 1970. */
function secondsOf(all: bigint): { readonly seconds: number; readonly ns: number } {
  const ns = Number(((all % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)
  return { seconds: Number((all - BigInt(ns)) / 1_000_000_000n), ns }
}
