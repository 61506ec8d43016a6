import { type Dirent, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cgroupKey } from '../cgroup-key.js'
import { type Mount, readMounts } from '../mounts.js'
import { markCut } from '../tool-cgroups.js'
import { type V1Hierarchy, v1Hierarchy } from '../v1-controller.js'

/** A cgroup that is there. */
export interface PresentCgroup {
  /** As events have it: `cgroupKey`. */
  readonly key: bigint
  /** As the kernel's programs tell them: the innermost first, up to five, the long ones cut. */
  readonly names: readonly string[]
}

/** A hierarchy of cgroups, where it is mounted. */
export interface CgroupTree {
  readonly version: 1 | 2
  readonly path: string
  /** Names that lead to it from the hierarchy's root, the outermost first: where only a part of it is mounted. */
  readonly above: readonly string[]
}

/** CGROUP_LEVELS and CGROUP_NAME_BYTES of cgroup-names.h. */
const LEVELS = 5
const NAME_BYTES = 96

/** The hierarchies that processes are told by: version 2, and that of version 1 which kernel programs look at. */
export function cgroupTrees(
  mounts: readonly Mount[] = readMounts(),
  { controller }: V1Hierarchy = v1Hierarchy(),
): readonly CgroupTree[] {
  const v1 = mounts.filter(({ type, options }) => type === 'cgroup' && options.includes(controller))
  const v2 = mounts.filter(({ type }) => type === 'cgroup2')
  return [...treeOf(v2, 2), ...treeOf(v1, 1)]
}

/** Of several mounts of a hierarchy the one that shows most of it. */
function treeOf(mounts: readonly Mount[], version: 1 | 2): CgroupTree[] {
  const [widest] = [...mounts].sort((one, other) => partsOf(one.root).length - partsOf(other.root).length)
  // What lies above the namespace of cgroups is `/..`: its name is not known.
  return widest === undefined
    ? []
    : [{ version, path: widest.path, above: partsOf(widest.root).filter((name) => name !== '..') }]
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')

/**
 * The cgroups that are there, each above those within it; of one that goes away meanwhile it may say nothing. It asks the file
 * system as far as it is asked.
 */
export function* presentCgroups(trees: readonly CgroupTree[] = cgroupTrees()): Generator<PresentCgroup> {
  for (const tree of trees) yield* cgroupsOf(tree)
}

function* cgroupsOf({ version, path, above }: CgroupTree): Generator<PresentCgroup> {
  const waiting: { path: string; names: readonly string[] }[] = [
    { path, names: above.map(cutName).reverse().slice(0, LEVELS) },
  ]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inode = inodeOf(next.path)
    if (inode === undefined) continue
    yield { key: cgroupKey(inode, version), names: next.names }
    for (const child of directoriesIn(next.path)) {
      const names = [cutName(basename(child)), ...next.names].slice(0, LEVELS)
      waiting.push({ path: child, names })
    }
  }
}

function inodeOf(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true }).ino
  } catch {
    return undefined
  }
}

function directoriesIn(path: string): string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(path, { withFileTypes: true })
  } catch {
    // It has gone, or is not ours to look into.
    return []
  }
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name))
}

/** A name as the kernel's programs keep it. */
function cutName(name: string): string {
  const bytes = Buffer.from(name)
  return bytes.length < NAME_BYTES ? name : markCut(bytes.toString('utf8', 0, NAME_BYTES - 1))
}
