import { statSync } from 'node:fs'
import type { Mount } from '../../probes/mounts.js'
import { namesOfPath } from '../names/owner-of-names.js'
import type { HostHierarchies } from './host-hierarchies.js'

/** A hierarchy of cgroups, or a part of one, where it is mounted. */
export interface HierarchyMount {
  readonly version: 1 | 2
  /** Where it is mounted. */
  readonly path: string
  /** Which of its directories is there: from the root of this process's cgroup namespace on. */
  readonly root: string
  /** Names from that directory on, innermost first; they end with `..` where they do not reach the root of the host. */
  readonly above: readonly string[]
}

/** Where each hierarchy that is looked at is mounted, if it is: of several mounts that which shows the most. */
export function hierarchyMounts(mounts: readonly Mount[], host: HostHierarchies): HierarchyMount[] {
  const found = mounts.flatMap((mount) => {
    const version = versionOf(mount, host.v1Controller)
    if (version === undefined) return []
    const { path, root } = mount
    const names = namesOfPath(root).filter((name) => name !== '..')
    const whole = host.isWhole(version, root)
    return [{ version, path, root, above: whole ? names : [...names, '..'], whole }]
  })
  const ofVersion = (version: 1 | 2) =>
    found
      .filter((mount) => mount.version === version)
      .sort((one, other) => Number(other.whole) - Number(one.whole) || one.above.length - other.above.length)
      .slice(0, 1)
  return [...ofVersion(1), ...ofVersion(2)].map(({ whole, ...mount }) => mount)
}

function versionOf(mount: Mount, v1Controller: string | undefined): 1 | 2 | undefined {
  if (mount.type === 'cgroup2') return 2
  if (mount.type !== 'cgroup' || v1Controller === undefined) return undefined
  return mount.options.includes(v1Controller) ? 1 : undefined
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
