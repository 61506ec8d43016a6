import { readFileSync } from 'node:fs'

/** A mounted file system, as /proc/self/mountinfo has it. */
export interface Mount {
  readonly path: string
  /** Which directory of the file system is there; above the root of a cgroup namespace, `/..`. */
  readonly root: string
  readonly type: string
  /** Options of the file system itself: for cgroup v1, its controllers. */
  readonly options: readonly string[]
}

/**
 * Reads mountinfo: `… root path options [optional fields] - type source options` (proc_pid_mountinfo(5)). Within a field
 * the kernel writes space, tab, newline and backslash as `\040` and the like, so ` - ` stands between the two parts only.
 */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const separator = line.indexOf(' - ')
    if (separator < 0) return []
    const [, , , root, path] = line.slice(0, separator).split(' ')
    // The source may be a dash itself, or nothing.
    const [type, , options] = line.slice(separator + 3).split(' ')
    if (root === undefined || path === undefined || type === undefined || type === '') return []
    return [
      {
        path: unescaped(path),
        root: unescaped(root),
        type,
        options: options ? unescaped(options).split(',') : [],
      },
    ]
  })
}

/** The characters behind `\040` and the like. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** What is mounted for this process; nothing if /proc is not there. */
export function readMounts(): Mount[] {
  try {
    return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
  } catch {
    return []
  }
}

/** How the host groups its processes: `hybrid` has version 2 beside version 1, without controllers. */
export type CgroupLayout = 'v1' | 'v2' | 'hybrid' | 'none'

/** The layout, from what is mounted. */
export function cgroupLayout(mounts: readonly Mount[]): CgroupLayout {
  const v1 = mounts.some((mount) => mount.type === 'cgroup')
  const v2 = mounts.some((mount) => mount.type === 'cgroup2')
  if (v1) return v2 ? 'hybrid' : 'v1'
  return v2 ? 'v2' : 'none'
}
