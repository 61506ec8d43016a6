/** In which cgroup of a hierarchy a process is: a line of /proc/PID/cgroup. */
export interface CgroupLine {
  readonly version: 1 | 2
  /** Of version 1: `memory`, `cpu`, `name=systemd`. */
  readonly controllers: readonly string[]
  /** From the root of the reader's cgroup namespace on, each byte a character. */
  readonly path: string
}

/** Behind the path of a cgroup of version 2 that was removed since. */
const REMOVED = ' (deleted)'

/**
 * Reads /proc/PID/cgroup: `hierarchy:controllers:path` (cgroups(7)); that of version 2 has the number 0 and no controllers.
 * A path may hold colons, and no line ends, which the kernel does not take in names.
 */
export function parseCgroupLines(text: string): CgroupLine[] {
  return text.split('\n').flatMap((line) => {
    const [, hierarchy, controllers, path] = /^([0-9]+):([^:]*):(\/.*)$/s.exec(line) ?? []
    if (hierarchy === undefined || controllers === undefined || path === undefined) return []
    const version = hierarchy === '0' && controllers === '' ? 2 : 1
    const there = version === 2 && path.endsWith(REMOVED) ? path.slice(0, -REMOVED.length) : path
    return [{ version, controllers: controllers === '' ? [] : controllers.split(','), path: there }]
  })
}
