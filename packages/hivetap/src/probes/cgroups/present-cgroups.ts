import { readMounts } from '../mounts.js'
import { CGROUP_LEVELS, markCut } from '../tool-cgroups.js'
import { v1Hierarchy } from '../v1-controller.js'
import { type HierarchyMount, hierarchyMounts } from './hierarchy-mount.js'
import { namesOfDirectory, walkCgroups } from './walk-cgroups.js'

/** A cgroup that is there. */
export interface PresentCgroup {
  /** As events have it: `cgroupKey`. */
  readonly key: bigint
  /** As the kernel's programs tell them: the innermost first, up to five, the long ones cut. */
  readonly names: readonly string[]
}

/** CGROUP_NAME_BYTES of cgroup-names.h. */
const NAME_BYTES = 96

/**
 * The cgroups that are there, each above those within it, as the kernel's programs would tell of them; of one that goes away
 * meanwhile it may say nothing. It asks the file system as far as it is asked.
 */
export function* presentCgroups(
  mounts: readonly HierarchyMount[] = hierarchyMounts(readMounts(), v1Hierarchy().controller),
): Generator<PresentCgroup> {
  for (const { key, directory } of walkCgroups(mounts))
    yield { key, names: namesOfDirectory(directory).slice(0, CGROUP_LEVELS).map(cutName) }
}

/** A name, of which each character is a byte, as the kernel's programs keep it. */
function cutName(name: string): string {
  const bytes = Buffer.from(name, 'latin1')
  return bytes.length < NAME_BYTES ? bytes.toString() : markCut(bytes.toString('utf8', 0, NAME_BYTES - 1))
}
