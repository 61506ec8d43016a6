/** Characters that systemd takes in the name of a unit: unit_name_is_valid(), systemd.unit(5). */
const UNIT = /^[A-Za-z0-9:_.\\@-]+\.(?:service|scope|socket|mount|swap)$/
const SLICE = /^[A-Za-z0-9:_.\\@-]+\.slice$/
/** The manager of a user's own units: whoever that is may make cgroups in it, of any name. */
const USER_MANAGER = /^user@[0-9]+\.service$/
const LONGEST = 255

/**
 * The unit of systemd that the cgroup belongs to: the outermost that is no slice, as systemd itself looks for it. A unit of a
 * user's own manager is told with that before it, `user@1000.service/app.service`: users choose names as they like.
 *
 * @param names innermost first
 */
export function unitOfNames(names: readonly string[]): string | undefined {
  const outermost = skipSlices(names, names.length - 1)
  const unit = unitOfName(names[outermost])
  if (unit === undefined || !isUserManager(unit)) return unit
  const own = unitOfName(names[skipSlices(names, outermost - 1)])
  return own === undefined ? unit : `${unit}/${own}`
}

/** Whether a cgroup is that of a user's own manager. */
export function isUserManager(name: string): boolean {
  return USER_MANAGER.test(name)
}

/** From `index` inwards, the first name that is no slice. */
function skipSlices(names: readonly string[], index: number): number {
  let place = index
  while (place >= 0 && isSlice(names[place])) place--
  return place
}

function isSlice(name: string | undefined): boolean {
  // Above a cgroup namespace, a path has dots where names are not told.
  return name === '..' || (name !== undefined && name.length <= LONGEST && SLICE.test(unescaped(name)))
}

function unitOfName(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const unit = unescaped(name)
  return unit.length <= LONGEST && UNIT.test(unit) ? unit : undefined
}

/** Before a name that the kernel might take for a file of its own, as in `cpu.service`, systemd writes `_`. */
function unescaped(name: string): string {
  return name.startsWith('_') ? name.slice(1) : name
}
