import { statSync } from 'node:fs'
import { type HierarchyMount, hierarchyMounts } from '../../probes/cgroups/hierarchy-mount.js'
import type { Mount } from '../../probes/mounts.js'
import type { HostHierarchies } from './host-hierarchies.js'

/** Where the hierarchies of the host are mounted; names above those end with `..` where they do not reach the host's root. */
export function hostMounts(mounts: readonly Mount[], host: HostHierarchies): HierarchyMount[] {
  return hierarchyMounts(mounts, host.v1Controller).map((mount) =>
    host.isWhole(mount.version, mount.root) ? mount : { ...mount, above: [...mount.above, '..'] },
  )
}

/**
 * The inode of the directory with a path as /proc/PID/cgroup tells it; `undefined` where it cannot be seen: it is not below
 * what is mounted, or gone.
 */
export function inodeAt(mount: HierarchyMount, path: string): number | undefined {
  const root = mount.root === '/' ? '' : mount.root
  const below = path.slice(root.length)
  if (!path.startsWith(root) || (below !== '' && !below.startsWith('/')) || below.startsWith('/..'))
    return undefined
  // Each character of a path is a byte.
  const place = Buffer.concat([Buffer.from(mount.path), Buffer.from(below, 'latin1')])
  try {
    return statSync(place, { throwIfNoEntry: false })?.ino
  } catch {
    return undefined
  }
}
