import { readFileSync } from 'node:fs'

/** Controllers whose hierarchy of version 1 is looked at, the first that has one: cgroup-key.h. */
const CONTROLLERS = ['memory', 'pids', 'cpu'] as const

/** The hierarchy of version 1 that tells whose a process is. */
export interface V1Hierarchy {
  /** `none` where all controllers are of version 2. */
  readonly controller: (typeof CONTROLLERS)[number] | 'none'
  /** The kernel's number of it; 0, which is version 2, for none. */
  readonly number: number
}

/**
 * The hierarchy of version 1 that is looked at here. /proc/cgroups has controllers, and the hierarchy of version 1 that each is
 * in: 0 for version 2, or none. It says so in containers too.
 */
export function v1Hierarchy(proc = '/proc'): V1Hierarchy {
  try {
    return v1HierarchyIn(readFileSync(`${proc}/cgroups`, 'utf8'))
  } catch {
    // Kernels that are built without version 1 do not have it.
    return NO_HIERARCHY
  }
}

const NO_HIERARCHY: V1Hierarchy = { controller: 'none', number: 0 }

/** @param text of /proc/cgroups: lines of a name, a hierarchy, how many there are, and whether it is enabled */
export function v1HierarchyIn(text: string): V1Hierarchy {
  const lines = text.split('\n').map((line) => line.split(/\s+/))
  for (const controller of CONTROLLERS) {
    const [, hierarchy, , enabled] = lines.find(([name]) => name === controller) ?? []
    const number = Number(hierarchy)
    if (number > 0 && enabled === '1') return { controller, number }
  }
  return NO_HIERARCHY
}
