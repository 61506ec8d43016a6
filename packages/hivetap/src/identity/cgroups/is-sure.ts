import type { CgroupOwner } from '../cgroup-owner.js'

/**
 * Whether an owner is sure. A container and a pod are told by their own names. A unit, and that there is none, only by all
 * names up to the root of the host: the unit may be that of a systemd in a container, whose name is above those that are told.
 *
 * @param whole whether the names reached the root
 */
export function isSure({ kind }: CgroupOwner, whole: boolean): boolean {
  return whole || kind === 'container' || kind === 'pod'
}
