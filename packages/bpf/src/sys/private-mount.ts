import { mkdtempSync, openSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileDescriptor } from './file-descriptor.js'
import { libc, systemCallNumber } from './libc.js'
import { cString } from './memory.js'

/**
 * Mounts one of the kernel's own file systems where nobody else sees it, and where it is gone when its descriptor is
 * closed; its root is `/proc/self/fd/<number>`. It takes CAP_SYS_ADMIN.
 *
 * It is a mount that is attached to no folder (fsmount(2), Linux 5.2); on older kernels a folder is mounted on, held
 * open, and at once detached again.
 *
 * @param type `tracefs`, `securityfs`
 * @returns its root's descriptor, or a negative error number
 */
export function mountPrivately(type: string): FileDescriptor | number {
  return mountDetached(type) ?? mountAndDetach(type)
}

const FSOPEN_CLOEXEC = 1
const FSCONFIG_CMD_CREATE = 6
const FSMOUNT_CLOEXEC = 1

/** `undefined` where the kernel has no fsopen(2). */
function mountDetached(type: string): FileDescriptor | number | undefined {
  const context = libc().systemCall(systemCallNumber('fsopen'), cString(type), FSOPEN_CLOEXEC)
  if (context === -ENOSYS) return undefined
  if (context < 0) return context
  using filesystem = new FileDescriptor(context, `${type} context`)
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
  return mount < 0 ? mount : new FileDescriptor(mount, type)
}

const ENOSYS = 38
const EIO = 5
const MNT_DETACH = 2

/** What older kernels take: for the moment between two calls the folder is mounted on where all can see it. */
export function mountAndDetach(type: string): FileDescriptor | number {
  let folder: string
  try {
    folder = mkdtempSync(join(tmpdir(), `hivetap-${type}-`))
  } catch (error) {
    return errnoOf(error)
  }
  try {
    const mounted = libc().mount(type, folder, type, 0)
    if (mounted < 0) return mounted
    try {
      return new FileDescriptor(openSync(folder, 'r'), type)
    } catch (error) {
      return errnoOf(error)
    } finally {
      libc().umount(folder, MNT_DETACH)
    }
  } finally {
    rmdirSync(folder)
  }
}

/** Node has error numbers as system calls give them: negative. */
function errnoOf(error: unknown): number {
  return (error as NodeJS.ErrnoException).errno ?? -EIO
}
