import { RecentMap } from '../recent-map.js'
import { BootClock } from './boot-clock.js'
import { ProcessCache, type ProcessCacheOptions } from './process-cache.js'
import type { ProcessIdentity, ProcessSource } from './process-identity.js'

interface Known {
  readonly startNs: number
  readonly identity: ProcessIdentity
}

/**
 * Which processes events are of. The kernel's programs read when a process began: so a process that is gone is told too, and one
 * with its pid is told apart. Where they cannot, /proc is asked, of processes that are there still.
 */
export class ProcessIdentities implements ProcessSource {
  readonly #clock: BootClock
  readonly #processes: ProcessCache
  readonly #known: RecentMap<number, Known>

  constructor(options: ProcessCacheOptions = {}) {
    this.#clock = options.clock ?? new BootClock()
    this.#processes = new ProcessCache({ ...options, clock: this.#clock })
    this.#known = new RecentMap(options.entries ?? 4096)
  }

  of(pid: number, startNs: number, timeNs: number): ProcessIdentity | undefined {
    const began = startNs === 0 ? this.#beganByProc(pid, timeNs) : startNs
    if (began === undefined) return undefined
    const known = this.#known.get(pid)
    if (known?.startNs === began) return known.identity
    const identity = { start: new Date(this.#clock.wallTime(began)).toISOString() }
    this.#known.set(pid, { startNs: began, identity })
    return identity
  }

  #beganByProc(pid: number, timeNs: number): number | undefined {
    const facts = this.#processes.at(pid, timeNs)
    return facts === undefined ? undefined : this.#clock.timeOf(facts.startTicks)
  }
}
