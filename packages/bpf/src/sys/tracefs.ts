import { closeSync, openSync, readFileSync } from 'node:fs'
import { errnoName } from './errno.js'
import { mountPrivately } from './private-mount.js'

/** The kernel's file system of tracepoints, wherever it was found. */
export interface Tracefs {
  /** Its root: a folder, also where it is mounted for this process alone. */
  readonly path: string
  /** `mounted`: somebody mounted it; `private`: we did, where nobody else sees it. */
  readonly origin: 'mounted' | 'private'
  close(): void
}

/** Why there is none. */
export interface NoTracefs {
  readonly path: undefined
  readonly reason: string
}

/** Finds tracefs, or mounts it where nobody sees it, which takes CAP_SYS_ADMIN. */
export function openTracefs(): Tracefs | NoTracefs {
  const mounted = findMounted()
  if (mounted !== undefined) return { path: mounted, origin: 'mounted', close: () => undefined }
  const result = mountPrivately('tracefs')
  if (typeof result === 'number') {
    return {
      path: undefined,
      reason: `tracefs is not mounted, and mounting it privately failed: ${errnoName(-result)}`,
    }
  }
  return { path: `/proc/self/fd/${result.number}`, origin: 'private', close: () => result.close() }
}

function findMounted(): string | undefined {
  let mounts: string
  try {
    mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return undefined
  }
  // proc_pid_mountinfo(5): … root mount-point options … - type source options. A root other than / is a part of it.
  for (const line of mounts.split('\n')) {
    const [place = '', type = ''] = line.split(' - ')
    const [, , , root, path] = place.split(' ')
    if (type.startsWith('tracefs ') && root === '/' && path !== undefined && isReadable(unescapePath(path))) {
      return unescapePath(path)
    }
  }
  return undefined
}

/** Spaces and the like stand as three octal digits. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** lockdown=confidentiality leaves tracefs mounted and empty; another mount may hide it. */
function isReadable(path: string): boolean {
  try {
    closeSync(openSync(`${path}/events`, 'r'))
    return true
  } catch {
    return false
  }
}
