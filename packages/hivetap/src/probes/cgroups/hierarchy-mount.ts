import type { Mount } from '../mounts.js'
import { bytesOf, levelsAbove, namesOfPath } from './cgroup-path.js'

/** A hierarchy of cgroups, or a part of one, where it is mounted. */
export interface HierarchyMount {
  readonly version: 1 | 2
  /** Where it is mounted. */
  readonly path: string
  /** Which of its directories is there: from the root of this process's cgroup namespace on, a character for each byte. */
  readonly root: string
  /** Names from that directory on, innermost first, as far as they are known: what is above the namespace has none. */
  readonly above: readonly string[]
}

/**
 * Where each hierarchy that processes are told by is mounted, if it is: of several mounts that which shows the most.
 *
 * @param v1Controller whose hierarchy of version 1 that is; none without, or if no mount has it
 */
export function hierarchyMounts(
  mounts: readonly Mount[],
  v1Controller: string | undefined,
): HierarchyMount[] {
  const v1 = mounts.filter(
    ({ type, options }) => type === 'cgroup' && v1Controller !== undefined && options.includes(v1Controller),
  )
  const v2 = mounts.filter(({ type }) => type === 'cgroup2')
  return [...widest(v1, 1), ...widest(v2, 2)]
}

/** What begins highest above the namespace shows the most, and of those what has the fewest names above. */
function widest(mounts: readonly Mount[], version: 1 | 2): HierarchyMount[] {
  return mounts
    .map(({ path, root: text }) => {
      const root = bytesOf(text)
      return { version, path, root, above: namesOfPath(root).filter((name) => name !== '..') }
    })
    .sort(
      (one, other) =>
        levelsAbove(other.root) - levelsAbove(one.root) || one.above.length - other.above.length,
    )
    .slice(0, 1)
}
