import { closeSync, mkdtempSync, openSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errnoName } from './errno.js'
import { FileDescriptor } from './file-descriptor.js'
import { libc, systemCallNumber } from './libc.js'
import { cString } from './memory.js'

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

/**
 * Finds tracefs, or mounts it where nobody sees it.
 *
 * A private mount needs CAP_SYS_ADMIN. It is a mount that is attached to no folder (fsmount(2), Linux 5.2), reached
 * through its descriptor; on older kernels, a folder is mounted on and at once detached again, and held open.
 */
export function openTracefs(): Tracefs | NoTracefs {
  const mounted = findMounted()
  if (mounted !== undefined) return { path: mounted, origin: 'mounted', close: () => undefined }
  const result = mountDetached() ?? mountAndDetach()
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

const FSOPEN_CLOEXEC = 1
const FSCONFIG_CMD_CREATE = 6
const FSMOUNT_CLOEXEC = 1

/** `undefined` where the kernel has no fsopen(2). */
function mountDetached(): FileDescriptor | number | undefined {
  const context = libc().systemCall(systemCallNumber('fsopen'), cString('tracefs'), FSOPEN_CLOEXEC)
  if (context === -ENOSYS) return undefined
  if (context < 0) return context
  using filesystem = new FileDescriptor(context, 'tracefs context')
  const created = libc().systemCall(
    systemCallNumber('fsconfig'),
    filesystem.number,
    FSCONFIG_CMD_CREATE,
    0,
    0,
    0,
  )
  if (created < 0) return created
  const mount = libc().systemCall(systemCallNumber('fsmount'), filesystem.number, FSMOUNT_CLOEXEC, 0)
  return mount < 0 ? mount : new FileDescriptor(mount, 'tracefs')
}

const ENOSYS = 38
const MNT_DETACH = 2

function mountAndDetach(): FileDescriptor | number {
  let folder: string
  try {
    folder = mkdtempSync(join(tmpdir(), 'hivetap-tracefs-'))
  } catch (error) {
    return -((error as NodeJS.ErrnoException).errno ?? ENOSYS)
  }
  try {
    const mounted = libc().mount('tracefs', folder, 'tracefs', 0)
    if (mounted < 0) return mounted
    try {
      return new FileDescriptor(openSync(folder, 'r'), 'tracefs')
    } finally {
      libc().umount(folder, MNT_DETACH)
    }
  } finally {
    rmdirSync(folder)
  }
}
