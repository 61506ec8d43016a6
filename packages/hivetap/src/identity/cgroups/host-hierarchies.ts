import { readlinkSync } from 'node:fs'
import { levelsAbove } from '../../probes/cgroups/cgroup-path.js'
import { v1Hierarchy } from '../../probes/v1-controller.js'
import { KTHREADD, readText, showsHost } from '../process/read-process.js'
import { type CgroupLine, parseCgroupLines } from './cgroup-lines.js'

/** The namespace that the host began with: PROC_CGROUP_INIT_INO of include/uapi/linux/nsfs.h. */
const FIRST_NAMESPACE = 'cgroup:[4026531835]'

/** The hierarchies of cgroups of this host, as this process sees them. */
export interface HostHierarchies {
  /** Whose hierarchy of version 1 is looked at, as the kernel's programs do; `undefined` where the host has version 2 alone. */
  readonly v1Controller: string | undefined
  /** Whether /proc shows the processes of the host. */
  readonly processes: boolean
  /** Whether a path, in the hierarchy of that version, begins at the root of the host: of others the beginning is not told. */
  isWhole(version: 1 | 2, path: string): boolean
}

/**
 * Looks at the host's hierarchies.
 *
 * Within a cgroup namespace a path is told from the namespace's root on. A thread of the kernel's own is in the root of each
 * hierarchy, so its path is as many levels up as there are.
 */
export function hostHierarchies(proc: string): HostHierarchies {
  const processes = showsHost(proc)
  const roots = processes ? linesOf(proc, KTHREADD) : []
  const { controller } = v1Hierarchy(proc)
  const v1Controller = controller === 'none' ? undefined : controller
  const whole = isFirstNamespace() ? 0 : undefined
  const levels = (version: 1 | 2) => {
    const root = lineOf(roots, version, v1Controller)
    return root === undefined ? whole : levelsAbove(root.path)
  }
  const above = { 1: levels(1), 2: levels(2) }
  return {
    v1Controller,
    processes,
    isWhole: (version, path) => above[version] !== undefined && levelsAbove(path) === above[version],
  }
}

/** The line of a version; of version 1, that with the controller. */
export function lineOf(
  lines: readonly CgroupLine[],
  version: 1 | 2,
  v1Controller: string | undefined,
): CgroupLine | undefined {
  return lines.find(
    (line) =>
      line.version === version &&
      (version === 2 || (v1Controller !== undefined && line.controllers.includes(v1Controller))),
  )
}

/** In which cgroups a process is; none if it is gone. */
export function linesOf(proc: string, pid: number): CgroupLine[] {
  return parseCgroupLines(readText(`${proc}/${pid}/cgroup`) ?? '')
}

function isFirstNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/cgroup') === FIRST_NAMESPACE
  } catch {
    return false
  }
}
