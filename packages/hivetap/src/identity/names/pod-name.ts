/** A UID, in which systemd's driver writes `_` for `-`; that of a static pod may be a hash of 32 digits. */
const UID = '([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})'
/** `kubepods-burstable-pod<uid>.slice`, with the kubelet's cgroupRoot before it. */
const SLICE = new RegExp(`^(?:.+-)?kubepods(?:-burstable|-besteffort)?-pod${UID}\\.slice$`, 's')
/** `kubepods/burstable/pod<uid>`. */
const DIRECTORY = new RegExp(`^pod${UID}$`)
const CLASSES: readonly (string | undefined)[] = ['burstable', 'besteffort']
const TOP = 'kubepods'
/** In a path, and in names that were read up to some level: what is above is not told. */
const NOT_TOLD: readonly (string | undefined)[] = [undefined, '..']

/**
 * The UID of the pod whose cgroup this is, with dashes; `undefined` if it is none's.
 *
 * @param above names of the cgroups that it is in, innermost first, as far as they are known
 */
export function podUidOfName(name: string, above: readonly string[] = []): string | undefined {
  const slice = SLICE.exec(name)?.[1]
  if (slice !== undefined) return slice.replaceAll('_', '-')
  const uid = DIRECTORY.exec(name)?.[1]
  if (uid === undefined || uid.includes('_')) return undefined
  const [first, second] = above
  const parent = CLASSES.includes(first) ? second : first
  return parent === TOP || NOT_TOLD.includes(parent) ? uid : undefined
}
