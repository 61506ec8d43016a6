import { monotonicNs, realtimeNs } from '@hivetap/bpf'

/** Where the times come from, nanoseconds. */
export interface Clocks {
  monotonicNs(): bigint
  /** Since 1970, UTC. */
  realtimeNs(): bigint
}

const SECOND_NS = 1_000_000_000n
/** The clocks are read so many times, and the quickest counts: in between, something else may have had the CPU. */
const READINGS = 3

/**
 * Turns times of CLOCK_MONOTONIC into UTC, as RFC 3339 with nanoseconds. The distance between the clocks is measured anew
 * whenever it is asked to: the wall clock is set, and drifts.
 */
export class WallClock {
  readonly #clocks: Clocks
  #offsetNs = 0n
  #second: bigint | undefined
  #secondText = ''

  constructor(clocks: Clocks = { monotonicNs, realtimeNs }) {
    this.#clocks = clocks
    this.measure()
  }

  /** Measures the distance between the clocks: once a batch is often enough. */
  measure(): void {
    let least: bigint | undefined
    for (let times = 0; times < READINGS; times++) {
      const before = this.#clocks.monotonicNs()
      const now = this.#clocks.realtimeNs()
      const after = this.#clocks.monotonicNs()
      if (least !== undefined && after - before >= least) continue
      least = after - before
      this.#offsetNs = now - (before + after) / 2n
    }
  }

  /** The time that it is. */
  now(): string {
    return this.#text(this.#clocks.realtimeNs())
  }

  /**
   * `2026-11-22T18:12:34.123456789Z`
   *
   * @param monotonic nanoseconds; beyond 2^53 of them, 104 days after the host was started, a number holds them to 2 ns,
   *   after ten years to 64: less than lies between the readings of the two clocks
   */
  format(monotonic: number): string {
    return this.#text(BigInt(Math.round(monotonic)) + this.#offsetNs)
  }

  /** The same in milliseconds since 1970. */
  milliseconds(monotonic: number): number {
    return monotonic / 1e6 + Number(this.#offsetNs) / 1e6
  }

  /** @param ns since 1970 */
  #text(ns: bigint): string {
    // A remainder has the sign of what is divided: before 1970 it is brought up into the second.
    const rest = ns % SECOND_NS
    const fraction = rest < 0n ? rest + SECOND_NS : rest
    const second = (ns - fraction) / SECOND_NS
    if (second !== this.#second) {
      this.#second = second
      this.#secondText = new Date(Number(second) * 1000).toISOString().slice(0, 19)
    }
    return `${this.#secondText}.${String(fraction).padStart(9, '0')}Z`
  }
}
