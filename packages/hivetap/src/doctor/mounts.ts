import { readFileSync } from 'node:fs'

/** A mounted file system, as /proc/self/mountinfo has it. */
export interface Mount {
  readonly path: string
  readonly type: string
  /** Options of the file system itself: for cgroup v1, its controllers. */
  readonly options: readonly string[]
}

/** Reads mountinfo: `… root path options … - type source options` (proc_pid_mountinfo(5)). */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [place = '', system = ''] = line.split(' - ')
    const [, , , , path] = place.split(' ')
    const [type, , options = ''] = system.split(' ')
    return path === undefined || type === undefined || type === ''
      ? []
      : [{ path, type, options: options.split(',') }]
  })
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
