import type { ProcessMark } from '../../probes/processes/process-mark.js'
import type { ProgramPath } from '../../probes/processes/program-path.js'
import { RecentMap } from '../recent-map.js'
import { BootClock } from './boot-clock.js'
import type { ProgramSource } from './kept-programs.js'
import { ProcessCache, type ProcessCacheOptions, type ProcessCounts } from './process-cache.js'
import type { ProcessIdentity, ProcessSource } from './process-identity.js'
import type { ProcessFacts } from './read-process.js'

/** How {@link ProcessIdentities} are made. */
export interface ProcessIdentitiesOptions extends ProcessCacheOptions {
  /** The first rung for programs: what the kernel's programs noted. */
  readonly programs?: ProgramSource
}

/** What came of asking. */
export interface IdentityCounts extends ProcessCounts {
  /** Programs told by what the kernel's programs noted: of these /proc was not asked, unless the path was cut. */
  readonly told: number
  /** Of those, paths that were cut. */
  readonly cut: number
  /** Times that what the kernel's programs noted could not be read. */
  readonly failed: number
}

interface Known extends ProcessMark {
  readonly identity: ProcessIdentity
  /** The same of an event that does not say which program it was. */
  bare?: ProcessIdentity
}

/**
 * Which processes events are of. The kernel's programs read when a process began, and what tells its program from the one before
 * an exec: so a process that is gone is told too, and one with its pid is told apart. The program is told by what they noted of
 * it, else by /proc, which is believed only if it says the same. Where they cannot, /proc alone is asked, of processes that are
 * there still.
 */
export class ProcessIdentities implements ProcessSource {
  readonly #clock: BootClock
  readonly #programs: ProgramSource | undefined
  readonly #processes: ProcessCache
  readonly #known: RecentMap<number, Known>
  readonly #ofFacts = new WeakMap<ProcessFacts, ProcessIdentity>()
  #hits = 0
  #told = 0
  #cut = 0
  #failed = 0

  constructor(options: ProcessIdentitiesOptions = {}) {
    this.#clock = options.clock ?? new BootClock()
    this.#programs = options.programs
    this.#processes = new ProcessCache({ ...options, clock: this.#clock })
    this.#known = new RecentMap(options.entries ?? 4096)
  }

  of(pid: number, mark: ProcessMark, timeNs: number): ProcessIdentity | undefined {
    const { processStartNs, argumentsAt } = mark
    if (processStartNs === 0) return this.#byProc(pid, timeNs)
    const known = this.#known.get(pid)
    if (known?.processStartNs !== processStartNs) return this.#meet(pid, mark)
    if (known.argumentsAt === argumentsAt) return this.#again(pid, known)
    if (argumentsAt !== 0) return this.#meet(pid, mark)
    // Its memory is gone already, or it is a thread of the kernel that had that of a process.
    this.#hits++
    known.bare ??= { start: known.identity.start }
    return known.bare
  }

  /** What came of asking so far. */
  counts(): IdentityCounts {
    const counts = this.#processes.counts()
    return {
      ...counts,
      hits: counts.hits + this.#hits,
      evicted: counts.evicted + this.#known.evicted,
      told: this.#told,
      cut: this.#cut,
      failed: this.#failed,
    }
  }

  /** What is remembered. What the kernel's programs had not noted, or not any more, they may have noted anew with this event. */
  #again(pid: number, known: Known): ProcessIdentity {
    this.#hits++
    if (known.identity.executable !== undefined) return known.identity
    const told = this.#noted(pid, known)
    return told === undefined ? known.identity : this.#remember(pid, known, known.identity.start, told.path)
  }

  #meet(pid: number, mark: ProcessMark): ProcessIdentity {
    const { processStartNs, argumentsAt } = mark
    const start = this.#startOf(processStartNs)
    const told = this.#noted(pid, mark)
    // The kernel's own threads have no program.
    if (told?.whole || argumentsAt === 0) return this.#remember(pid, mark, start, told?.path)
    const facts = this.#processes.ofProgram(pid, this.#clock.ticksOf(processStartNs), argumentsAt)
    // With the next event it is tried again.
    if (facts === 'refused') return identityOf(start, told?.path)
    // What is gone, or another program by now, stays so: it is not looked for again.
    return this.#remember(pid, mark, start, facts?.executable ?? told?.path)
  }

  #remember(
    pid: number,
    { processStartNs, argumentsAt }: ProcessMark,
    start: string,
    executable: string | undefined,
  ): ProcessIdentity {
    const identity = identityOf(start, executable)
    this.#known.set(pid, { processStartNs, argumentsAt, identity })
    return identity
  }

  /** What the kernel's programs noted of a program. */
  #noted(pid: number, mark: ProcessMark): ProgramPath | undefined {
    if (mark.argumentsAt === 0) return undefined
    try {
      const path = this.#programs?.programPath(pid, mark)
      if (path === undefined) return undefined
      this.#told++
      if (!path.whole) this.#cut++
      return path
    } catch {
      // What it stands on is out of order: /proc goes on.
      this.#failed++
      return undefined
    }
  }

  #byProc(pid: number, timeNs: number): ProcessIdentity | undefined {
    const facts = this.#processes.at(pid, timeNs)
    if (facts === undefined) return undefined
    const known = this.#ofFacts.get(facts)
    if (known !== undefined) return known
    const identity = identityOf(this.#startOf(this.#clock.timeOf(facts.startTicks)), facts.executable)
    this.#ofFacts.set(facts, identity)
    return identity
  }

  #startOf(bootNs: number): string {
    return new Date(this.#clock.wallTime(bootNs)).toISOString()
  }
}

function identityOf(start: string, executable: string | undefined): ProcessIdentity {
  return executable === undefined ? { start } : { start, executable }
}
