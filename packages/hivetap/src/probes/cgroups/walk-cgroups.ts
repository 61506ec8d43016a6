import { readdirSync, statSync } from 'node:fs'
import { cgroupKey } from '../cgroup-key.js'
import { bytesOf } from './cgroup-path.js'
import type { HierarchyMount } from './hierarchy-mount.js'

/** A directory that was found: its name, and that which it is in. */
export interface CgroupDirectory {
  /** A character for each byte. */
  readonly name: string
  /** `undefined` for what is mounted itself. */
  readonly parent: CgroupDirectory | undefined
  readonly mount: HierarchyMount
}

/** A cgroup that was come upon. */
export interface WalkedCgroup {
  /** As events have it: `cgroupKey`. */
  readonly key: bigint
  readonly directory: CgroupDirectory
}

/** Of a directory without directories in it: its own name, and `.` in it. kernfs counts those that it has. */
const LINKS_OF_LEAF = 2n

/**
 * Walks the cgroups that are there, the outermost first; of one that goes away meanwhile it may say nothing. It asks the file
 * system as far as it is asked.
 *
 * @param most directories that are looked at, besides those that are mounted
 * @returns whether there were more
 */
export function* walkCgroups(
  mounts: readonly HierarchyMount[],
  most = Number.POSITIVE_INFINITY,
): Generator<WalkedCgroup, boolean, void> {
  let left = most
  let cut = false
  for (const mount of mounts) {
    const top: CgroupDirectory = { name: '', parent: undefined, mount }
    const todo: [string, CgroupDirectory][] = [[bytesOf(mount.path), top]]
    // It grows while it is walked.
    for (const [path, directory] of todo) {
      const there = lookAt(path)
      if (there === undefined) continue
      yield { key: cgroupKey(there.ino, mount.version), directory }
      if (there.nlink === LINKS_OF_LEAF) continue
      const names = directoriesIn(path)
      cut ||= names.length > left
      for (const name of names.slice(0, left))
        todo.push([`${path}/${name}`, { name, parent: directory, mount }])
      left -= Math.min(left, names.length)
    }
  }
  return cut
}

/** The names of a directory, and of those that it is in, innermost first: up to that which is mounted, and those above it. */
export function namesOfDirectory(directory: CgroupDirectory): string[] {
  const names: string[] = []
  for (let at = directory; at.parent !== undefined; at = at.parent) names.push(at.name)
  return [...names, ...directory.mount.above]
}

/** `undefined` where it is gone meanwhile. */
function lookAt(path: string): { readonly ino: bigint; readonly nlink: bigint } | undefined {
  try {
    return statSync(Buffer.from(path, 'latin1'), { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function directoriesIn(path: string): string[] {
  try {
    const entries = readdirSync(Buffer.from(path, 'latin1'), { encoding: 'latin1', withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch {
    // It has gone, or is not ours to look into.
    return []
  }
}
