import type { ProcessMark } from '../../probes/processes/process-mark.js'
import { RecentMap } from '../recent-map.js'
import { BootClock } from './boot-clock.js'
import { ProcessCache, type ProcessCacheOptions, type ProcessCounts } from './process-cache.js'
import type { ProcessIdentity, ProcessSource } from './process-identity.js'
import type { ProcessFacts } from './read-process.js'

interface Known extends ProcessMark {
  readonly identity: ProcessIdentity
}

/**
 * Which processes events are of. The kernel's programs read when a process began, and what tells its program from the one before
 * an exec: so a process that is gone is told too, one with its pid is told apart, and what /proc says is believed only if it says
 * the same. Where they cannot, /proc alone is asked, of processes that are there still.
 */
export class ProcessIdentities implements ProcessSource {
  readonly #clock: BootClock
  readonly #processes: ProcessCache
  readonly #known: RecentMap<number, Known>
  readonly #ofFacts = new WeakMap<ProcessFacts, ProcessIdentity>()
  #hits = 0

  constructor(options: ProcessCacheOptions = {}) {
    this.#clock = options.clock ?? new BootClock()
    this.#processes = new ProcessCache({ ...options, clock: this.#clock })
    this.#known = new RecentMap(options.entries ?? 4096)
  }

  of(pid: number, mark: ProcessMark, timeNs: number): ProcessIdentity | undefined {
    const { processStartNs, argumentsAt } = mark
    if (processStartNs === 0) return this.#byProc(pid, timeNs)
    const known = this.#known.get(pid)
    if (known?.processStartNs === processStartNs && known.argumentsAt === argumentsAt) {
      this.#hits++
      return known.identity
    }
    return this.#meet(pid, processStartNs, argumentsAt)
  }

  /** What came of asking so far. */
  counts(): ProcessCounts {
    const counts = this.#processes.counts()
    return { ...counts, hits: counts.hits + this.#hits, evicted: counts.evicted + this.#known.evicted }
  }

  #meet(pid: number, processStartNs: number, argumentsAt: number): ProcessIdentity {
    // The kernel's own threads have no program.
    const startTicks = this.#clock.ticksOf(processStartNs)
    const facts = argumentsAt === 0 ? undefined : this.#processes.ofProgram(pid, startTicks, argumentsAt)
    const start = this.#startOf(processStartNs)
    // With the next event it is tried again.
    if (facts === 'refused') return { start }
    // What is gone, or another program by now, stays so: it is not looked for again.
    const identity = identityOf(start, facts)
    this.#known.set(pid, { processStartNs, argumentsAt, identity })
    return identity
  }

  #byProc(pid: number, timeNs: number): ProcessIdentity | undefined {
    const facts = this.#processes.at(pid, timeNs)
    if (facts === undefined) return undefined
    const known = this.#ofFacts.get(facts)
    if (known !== undefined) return known
    const identity = identityOf(this.#startOf(this.#clock.timeOf(facts.startTicks)), facts)
    this.#ofFacts.set(facts, identity)
    return identity
  }

  #startOf(bootNs: number): string {
    return new Date(this.#clock.wallTime(bootNs)).toISOString()
  }
}

function identityOf(start: string, facts: ProcessFacts | undefined): ProcessIdentity {
  return facts?.executable === undefined ? { start } : { start, executable: facts.executable }
}
