import { RecentMap } from '../recent-map.js'
import { BootClock } from './boot-clock.js'
import { ReadBudget } from './read-budget.js'
import { type ProcessFacts, readProcess, showsHost } from './read-process.js'

/** How a {@link ProcessCache} is made. */
export interface ProcessCacheOptions {
  /** Where the host's processes are told. Default: /proc. */
  readonly proc?: string
  /** Processes that are remembered. Default: 4096. */
  readonly entries?: number
  /** How many processes are looked at in /proc in a second: 20 to 60 µs each. Default: 1000. */
  readonly readsPerSecond?: number
  readonly clock?: BootClock
}

/** What came of asking. */
export interface ProcessCounts {
  /** Answered from memory. */
  readonly hits: number
  /** Read in /proc. */
  readonly misses: number
  /** Of those, processes that were gone. */
  readonly gone: number
  /** Of those, pids that had been given to another process since. */
  readonly reused: number
  /** Of those, processes that had become another program since: exec(2). */
  readonly replaced: number
  /** Not looked at, for there were too many in a second. */
  readonly refused: number
  /** Forgotten to make room. */
  readonly evicted: number
}

interface Entry {
  readonly facts: ProcessFacts
  /** When it was seen to be there, CLOCK_MONOTONIC in nanoseconds. */
  readonly seen: number
}

/**
 * For so long after it was seen a process is taken to be there still. The kernel gives out pids in turn: in so short a time it
 * does not come round to the same one again.
 */
const GRACE_NS = 50e6

/**
 * What /proc tells of processes, as of the time of an event; nothing where /proc is another pid namespace's, whose pids are not
 * those of events. A process is known by its pid and start time: a pid that was given
 * to another process is told apart, and of an event of the first nothing is told then.
 */
export class ProcessCache {
  /** `undefined` where the host's processes are not shown. */
  readonly #proc: string | undefined
  readonly #clock: BootClock
  readonly #budget: ReadBudget
  readonly #entries: RecentMap<number, Entry>
  #hits = 0
  #misses = 0
  #gone = 0
  #reused = 0
  #replaced = 0

  constructor(options: ProcessCacheOptions = {}) {
    const proc = options.proc ?? '/proc'
    this.#proc = showsHost(proc) ? proc : undefined
    this.#clock = options.clock ?? new BootClock()
    this.#budget = new ReadBudget(options.readsPerSecond ?? 1000)
    this.#entries = new RecentMap(options.entries ?? 4096)
  }

  /**
   * The process that had a pid at a time, if it is there still, or was seen since.
   *
   * @param timeNs CLOCK_MONOTONIC
   */
  at(pid: number, timeNs: number): ProcessFacts | undefined {
    const known = this.#entries.get(pid)
    if (
      known !== undefined &&
      timeNs <= known.seen + GRACE_NS &&
      this.#clock.hadBegun(known.facts.startTicks, timeNs)
    ) {
      this.#hits++
      return known.facts
    }
    return this.#proc === undefined ? undefined : this.#read(this.#proc, pid, timeNs)
  }

  /**
   * What /proc tells of a process that is known, if it is there still, and the same program. It is looked at anew with each call.
   *
   * @param startTicks when it began
   * @param argumentsAt where the arguments of the program lie in its memory
   * @returns `refused` if there were too many in a second
   */
  ofProgram(pid: number, startTicks: number, argumentsAt: number): ProcessFacts | 'refused' | undefined {
    if (this.#proc === undefined) return undefined
    if (!this.#budget.take(this.#clock.measure())) return 'refused'
    this.#misses++
    const facts = readProcess(this.#proc, pid)
    if (facts === undefined) this.#gone++
    else if (facts.startTicks !== startTicks) this.#reused++
    else if (facts.executable !== undefined && facts.argumentsAt !== argumentsAt) this.#replaced++
    else return facts
    return undefined
  }

  /** Whether the host's processes are shown: else nothing is told of any. */
  get showsHost(): boolean {
    return this.#proc !== undefined
  }

  /** What came of asking so far. */
  counts(): ProcessCounts {
    return {
      hits: this.#hits,
      misses: this.#misses,
      gone: this.#gone,
      reused: this.#reused,
      replaced: this.#replaced,
      refused: this.#budget.refused,
      evicted: this.#entries.evicted,
    }
  }

  #read(proc: string, pid: number, timeNs: number): ProcessFacts | undefined {
    const now = this.#clock.measure()
    if (!this.#budget.take(now)) return undefined
    this.#misses++
    const facts = readProcess(proc, pid)
    if (facts === undefined) {
      this.#gone++
      return undefined
    }
    this.#entries.set(pid, { facts, seen: now })
    if (this.#clock.hadBegun(facts.startTicks, timeNs)) return facts
    this.#reused++
    return undefined
  }
}
