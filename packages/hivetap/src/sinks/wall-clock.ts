import { monotonicNs, realtimeNs } from '@hivetap/bpf'

/**
 * Turns times of CLOCK_MONOTONIC into UTC, as RFC 3339 with nanoseconds. The distance between the clocks is measured anew
 * whenever it is asked to: the wall clock is set, and drifts.
 */
export class WallClock {
  #offsetNs = 0n
  #second = -1
  #secondText = ''

  constructor() {
    this.measure()
  }

  /** Measures the distance between the clocks: once a batch is often enough. */
  measure(): void {
    const before = monotonicNs()
    const now = realtimeNs()
    this.#offsetNs = now - (before + monotonicNs()) / 2n
  }

  /** `2026-11-22T18:12:34.123456789Z` */
  format(monotonic: number): string {
    const ns = BigInt(Math.round(monotonic)) + this.#offsetNs
    const second = Number(ns / 1_000_000_000n)
    if (second !== this.#second) {
      this.#second = second
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 19)
    }
    return `${this.#secondText}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`
  }
}
