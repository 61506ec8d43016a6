import type { CgroupPlan } from './cgroup-plan.js'
import type { Ledger } from './ledger.js'
import type { ProcessMark } from './processes/process-mark.js'
import { type PathsMap, type ProgramPath, pathOf, programKey } from './processes/program-path.js'
import { type CgroupAccess, type CgroupMaps, ToolCgroups } from './tool-cgroups.js'

/** The maps of a tool that say more of those whom its events are of; one that it was not asked for is not there. */
export interface NameMaps extends CgroupMaps {
  readonly paths: PathsMap | undefined
}

/** What a tool's programs keep of those whom its events are of, besides the events: names of cgroups, paths of programs. */
export interface NameAccess extends CgroupAccess {
  /**
   * The path of the program that a process was when it did what an event tells. Each call is a system call: it is to be looked
   * up when a process is first seen, soon, since a thousand are kept.
   *
   * @param mark of the event
   * @returns `undefined` if it is not there, or no more; where names of cgroups are not kept, paths are not either
   * @throws {SystemCallError} {ClosedError}
   */
  programPath(pid: number, mark: ProcessMark): ProgramPath | undefined
  /** How often the kernel could not keep the path of a program, or not as a whole. */
  programPathsUnkept(): number
}

/** The names of a tool that is attached. */
export class ToolNames extends ToolCgroups implements NameAccess {
  readonly #paths: PathsMap | undefined
  readonly #account: () => Pick<Ledger, 'nameless' | 'pathless'>

  /** @param account reads how often names could not be kept */
  constructor(plan: CgroupPlan, maps: NameMaps, account: () => Pick<Ledger, 'nameless' | 'pathless'>) {
    super(plan, maps, () => account().nameless)
    this.#paths = maps.paths
    this.#account = account
  }

  programPath(pid: number, mark: ProcessMark): ProgramPath | undefined {
    const kept = this.#paths?.get(programKey(pid, mark))
    return kept === undefined ? undefined : pathOf(kept)
  }

  programPathsUnkept(): number {
    return this.#account().pathless
  }
}
