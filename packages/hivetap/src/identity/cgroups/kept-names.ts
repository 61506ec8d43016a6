import type { CgroupKey } from '../../probes/cgroup-key.js'
import { CGROUP_LEVELS, isCut } from '../../probes/tool-cgroups.js'
import { AskedTools } from '../asked-tools.js'
import type { CgroupNameSource } from './cgroup-name-source.js'

/** A tool whose programs keep the names of the cgroups that its events are of. */
export interface KeepsNames {
  /** The names of a cgroup and of some above it, innermost first; `undefined` if they are not there. */
  cgroupNames(key: bigint): readonly string[] | undefined
}

/** What stands for names that are not told. */
const NOT_TOLD = '..'

/** The first rung for a {@link CgroupResolver}: what the programs of tools keep, of those the first that knows a cgroup. */
export class KeptNames implements CgroupNameSource {
  readonly #tools = new AskedTools<KeepsNames>()

  add(tool: KeepsNames): void {
    this.#tools.add(tool)
  }

  names(key: CgroupKey): readonly string[] | undefined {
    const names = this.#tools.ask((tool) => tool.cgroupNames(BigInt(key)))
    return names === undefined ? undefined : namesToldBy(names)
  }
}

/**
 * Names as the kernel's programs tell them, up to where they are whole: a name that was cut, and what lies above as many as they
 * tell, is `..`.
 */
export function namesToldBy(names: readonly string[]): readonly string[] {
  const cut = names.findIndex(isCut)
  if (cut >= 0) return [...names.slice(0, cut), NOT_TOLD]
  return names.length < CGROUP_LEVELS ? names : [...names, NOT_TOLD]
}
