import type { HierarchyMount } from '../../probes/cgroups/hierarchy-mount.js'
import type { HostHierarchies } from './host-hierarchies.js'

/** A way from a cgroup's key to its owner. */
export interface CgroupRung {
  readonly name: 'source' | 'directory' | 'process'
  /** What it would take to have it, or to have all of it; absent where nothing is missing. */
  readonly missing?: string
}

const NO_SOURCE = 'tools whose programs keep the names of cgroups'
const NO_PROCESSES =
  'the /proc of the host: hostPID in Kubernetes, --pid=host in Docker; where it is mounted with hidepid, CAP_SYS_PTRACE'
const NO_MOUNT = 'the cgroup file system of the host: /sys/fs/cgroup, read-only'

/** The ways that there are on this host, in the order in which they are gone. */
export function cgroupRungs(
  hasSource: boolean,
  mounts: readonly HierarchyMount[],
  host: HostHierarchies,
): readonly CgroupRung[] {
  // Of the hierarchy that tells whose processes are.
  const version = host.v1Controller === undefined ? 2 : 1
  const mount = mounts.find((one) => one.version === version)
  const whole = mount !== undefined && mount.above.length === 0
  return [
    { name: 'source', ...(hasSource ? {} : { missing: NO_SOURCE }) },
    { name: 'directory', ...(whole ? {} : { missing: mount === undefined ? NO_MOUNT : partOf(mount) }) },
    { name: 'process', ...(host.processes ? {} : { missing: NO_PROCESSES }) },
  ]
}

function partOf({ path }: HierarchyMount): string {
  return `${NO_MOUNT}: what is mounted at ${path} shows a part of it`
}
