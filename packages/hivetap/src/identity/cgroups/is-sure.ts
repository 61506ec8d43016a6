import type { CgroupOwner } from '../cgroup-owner.js'

/**
 * Whether an owner is sure. A pod, and a container in one, are told by their own names. That a container is in no pod, a unit,
 * and that there is none, is sure only by all names up to the root of the host: a unit may be that of a systemd in a container,
 * whose name is above those that are told.
 *
 * @param whole whether the names reached the root
 */
export function isSure(owner: CgroupOwner, whole: boolean): boolean {
  return whole || owner.kind === 'pod' || (owner.kind === 'container' && owner.podUid !== undefined)
}
