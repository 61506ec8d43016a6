import type { CgroupOwner } from '../cgroup-owner.js'
import { containerOfName, type NamedContainer } from './container-name.js'
import { podUidOfName } from './pod-name.js'
import { isUserManager, unitOfNames } from './unit-name.js'

/**
 * Whose a cgroup is, by its name and those of the cgroups that it is in. The innermost container or pod counts: of a cluster
 * that runs in containers (kind), what it runs, and of a systemd in a container, the container. Never throws: names are
 * written by whoever makes a cgroup, and what is no more than like a known one tells nothing.
 *
 * @param names innermost first, up to the root or as far as they are known
 */
export function ownerOfNames(names: readonly string[]): CgroupOwner {
  for (const [index, name] of names.entries()) {
    const container = containerOfName(name, names[index + 1])
    if (container !== undefined) return inContainer(container, names, index)
    const podUid = podAt(names, index)
    if (podUid !== undefined) return { kind: 'pod', podUid }
  }
  const unit = unitOfNames(names)
  return unit === undefined ? { kind: 'host' } : { kind: 'unit', unit }
}

function inContainer(container: NamedContainer, names: readonly string[], index: number): CgroupOwner {
  const { slice, ...found } = container
  const podUid = podAround(names, index, slice)
  return { kind: 'container', ...found, ...(podUid === undefined ? {} : { podUid }) }
}

/** The nearest pod around a container: its own slice, or a cgroup that it is in, whatever lies between. */
function podAround(names: readonly string[], container: number, slice?: string): string | undefined {
  const own = slice === undefined || isUsers(names, container) ? undefined : podUidOfName(slice)
  if (own !== undefined) return own
  for (let index = container + 1; index < names.length; index++) {
    const podUid = podAt(names, index)
    if (podUid !== undefined) return podUid
  }
  return undefined
}

function podAt(names: readonly string[], index: number): string | undefined {
  const podUid = podUidOfName(names[index] ?? '', names.slice(index + 1, index + 3))
  return podUid === undefined || isUsers(names, index) ? undefined : podUid
}

/**
 * Whether a cgroup is below a user's own manager. There any user may make one that is named as a pod's, and events would be
 * told of a pod that has nothing to do with them.
 */
function isUsers(names: readonly string[], index: number): boolean {
  for (let above = index + 1; above < names.length; above++)
    if (isUserManager(names[above] ?? '')) return true
  return false
}
