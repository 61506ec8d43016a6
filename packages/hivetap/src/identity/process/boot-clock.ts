import { readFileSync } from 'node:fs'
import { boottimeNs, monotonicNs, realtimeNs } from '@hivetap/bpf'

/** Where the times come from, nanoseconds. */
export interface BootClocks {
  monotonicNs(): bigint
  boottimeNs(): bigint
  /** Since 1970, UTC. */
  realtimeNs(): bigint
}

/** How long the host had slept, from a time on. */
interface Slept {
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly since: number
  /** Nanoseconds. */
  readonly ns: number
}

/** The clocks are not read at once: less than that is no sleep. */
const LEAST_SLEEP_NS = 1e6
/** Two clocks that are not read at once differ by less: more, and the wall clock was set. */
const LEAST_SET_NS = 10e6
/** Sleeps that are remembered. */
const MOST = 64
/** AT_CLKTCK of getauxval(3): what the kernel counts times in /proc in. */
const AT_CLKTCK = 17n
const USUAL_TICKS = 100

/**
 * Compares times of events with the start times of processes: those are CLOCK_MONOTONIC, which stands still while the host is
 * suspended, these CLOCK_BOOTTIME, which goes on. How long it had slept is measured again and again and remembered, so that
 * what was before a sleep is not taken for what came after it.
 */
export class BootClock {
  readonly #clocks: BootClocks
  readonly #ticksPerSecond: number
  readonly #slept: Slept[] = []
  /** When the host was started, by the wall clock. */
  #epochNs: number | undefined

  /** @param ticksPerSecond how many clock ticks a second has in /proc */
  constructor(
    clocks: BootClocks = { monotonicNs, boottimeNs, realtimeNs },
    ticksPerSecond = readTicksPerSecond(),
  ) {
    this.#clocks = clocks
    this.#ticksPerSecond = ticksPerSecond
    this.measure()
  }

  /** Notes whether the host has slept. @returns the time that it is, CLOCK_MONOTONIC in nanoseconds */
  measure(): number {
    const now = this.#clocks.monotonicNs()
    const ns = Math.max(0, Number(this.#clocks.boottimeNs() - now))
    const last = this.#slept.at(-1)
    if (last === undefined || ns - last.ns >= LEAST_SLEEP_NS) {
      this.#slept.push({ since: Number(now), ns })
      if (this.#slept.length > MOST) this.#slept.shift()
    }
    return Number(now)
  }

  /**
   * Whether a process that began then was there at a time. Of a time before the first measurement, or in a gap in which the
   * host slept, the least sleep is taken: what cannot be told is no.
   *
   * @param startTicks of /proc/PID/stat
   * @param timeNs CLOCK_MONOTONIC
   */
  hadBegun(startTicks: number, timeNs: number): boolean {
    const slept = this.#slept.findLast(({ since }) => since <= timeNs)?.ns ?? 0
    return startTicks <= Math.floor(((timeNs + slept) / 1e9) * this.#ticksPerSecond)
  }

  /**
   * When it was, milliseconds since 1970. Of the same time it is the same again, until the wall clock is set: so what began then
   * can be told by it.
   *
   * @param bootNs CLOCK_BOOTTIME
   */
  wallTime(bootNs: number): number {
    const epochNs = Number(this.#clocks.realtimeNs() - this.#clocks.boottimeNs())
    if (this.#epochNs === undefined || Math.abs(epochNs - this.#epochNs) > LEAST_SET_NS)
      this.#epochNs = epochNs
    return (this.#epochNs + bootNs) / 1e6
  }

  /** A time of CLOCK_BOOTTIME, nanoseconds, as /proc tells it: in clock ticks. */
  ticksOf(bootNs: number): number {
    const tickNs = 1e9 / this.#ticksPerSecond
    // The remainder is exact, as no quotient of so large numbers is.
    return (bootNs - (bootNs % tickNs)) / tickNs
  }

  /** The least time, CLOCK_BOOTTIME in nanoseconds, that so many clock ticks are told of. */
  timeOf(ticks: number): number {
    return ticks * (1e9 / this.#ticksPerSecond)
  }
}

/** How many clock ticks a second has in /proc: what the kernel told this process when it began. */
function readTicksPerSecond(): number {
  try {
    const bytes = readFileSync('/proc/self/auxv')
    for (let place = 0; place + 16 <= bytes.length; place += 16)
      if (bytes.readBigUInt64LE(place) === AT_CLKTCK) return Number(bytes.readBigUInt64LE(place + 8))
  } catch {
    // It is the same on all processors that Node runs on.
  }
  return USUAL_TICKS
}
