import { closeSync, openSync, readFileSync } from 'node:fs'
import { errnoName } from './errno.js'
import { readLockdown } from './lockdown.js'
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
  /** What brings it: a sentence. */
  readonly hint: string
  readonly needs: 'tracefs' | 'lockdown'
}

/**
 * Finds tracefs, or mounts it where nobody sees it, which takes CAP_SYS_ADMIN.
 *
 * Under lockdown=confidentiality it is never mounted: it would be empty, and Linux 6.12 crashes when the last mount of an
 * empty one goes (tracefs_destroy_inode(), seen on Debian's 6.12.117).
 */
export function openTracefs(): Tracefs | NoTracefs {
  if (readLockdown() === 'confidentiality')
    return {
      path: undefined,
      reason: 'lockdown=confidentiality keeps it empty',
      needs: 'lockdown',
      hint: 'Boot without lockdown=confidentiality, or use typed tracepoints (tp_btf), which it allows.',
    }
  const unreadable: string[] = []
  for (const path of mountedPlaces()) {
    const refusal = refusalOf(path)
    if (refusal === undefined) return { path, origin: 'mounted', close: () => undefined }
    unreadable.push(`${path} (${refusal})`)
  }
  const found =
    unreadable.length === 0
      ? 'is not mounted'
      : `cannot be read where it is mounted, ${unreadable.join(', ')}`
  const result = mountPrivately('tracefs')
  if (typeof result === 'number')
    return {
      path: undefined,
      reason: `tracefs ${found}, and mounting it privately failed: ${errnoName(-result)}`,
      needs: 'tracefs',
      hint: 'Mount it (`mount -t tracefs tracefs /sys/kernel/tracing`), or run with CAP_SYS_ADMIN.',
    }
  return { path: `/proc/self/fd/${result.number}`, origin: 'private', close: () => result.close() }
}

/** Where it is mounted, as a whole. */
function mountedPlaces(): string[] {
  let mounts: string
  try {
    mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return []
  }
  // proc_pid_mountinfo(5): … root mount-point options … - type source options. A root other than / is a part of it.
  return mounts.split('\n').flatMap((line) => {
    const [place = '', type = ''] = line.split(' - ')
    const [, , , root, path] = place.split(' ')
    return type.startsWith('tracefs ') && root === '/' && path !== undefined ? [unescapePath(path)] : []
  })
}

/** Spaces and the like stand as three octal digits. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** Why it cannot be read at a place: the error's name. Another mount may hide it; it is root's alone. */
function refusalOf(path: string): string | undefined {
  try {
    closeSync(openSync(`${path}/events`, 'r'))
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}
