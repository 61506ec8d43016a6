import { lstatSync, readlinkSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type BpfError,
  ExistsError,
  InvalidSpecError,
  NotFoundError,
  NotPermittedError,
  UnsupportedError,
} from '../errors.js'
import { bpf_attr_obj } from './abi.generated.js'
import { bpf } from './bpf.js'
import { ERRNO, errnoName, failed } from './errno.js'
import { FileDescriptor } from './file-descriptor.js'
import { cString } from './memory.js'
import { packStruct } from './struct.js'

/** What can be pinned. */
export type PinnedKind = 'map' | 'program' | 'link'

/** statfs(2)'s type of a bpffs: BPF_FS_MAGIC, include/uapi/linux/magic.h. */
const BPF_FS_MAGIC = 0xcafe4a11

/** Whether a path lies on a bpffs; `undefined` if there is nothing there, or it cannot be told. */
export function isOnBpffs(path: string): boolean | undefined {
  try {
    return statfsSync(path).type === BPF_FS_MAGIC
  } catch {
    return undefined
  }
}

/**
 * Gives a map, program or link a name on a bpffs, by which it lives on without a process: BPF_OBJ_PIN, Linux 4.4 (links
 * 5.7). The name goes, and what it held with it, when the file is removed.
 *
 * @param what what it is, for the message: `map events`
 * @throws {UnsupportedError} if no bpffs is there, or the kernel cannot pin such a thing
 * @throws {NotFoundError} if the folder is not there; {ExistsError} if the name is taken
 * @throws {InvalidSpecError} if the kernel takes no such name
 * @throws {NotPermittedError} {SystemCallError}
 */
export function pinObject(fd: number, what: string, path: string): void {
  checkPath(path)
  const result = bpf('BPF_OBJ_PIN', packStruct(bpf_attr_obj, { bpf_fd: fd, pathname: cString(path) }))
  if (result < 0) throw pinError(`Cannot pin ${what} at ${path}`, -result, path)
}

function pinError(message: string, errno: number, path: string): BpfError {
  if (errno === ERRNO.EEXIST) return new ExistsError(`${message}: there is something already`)
  const folder = dirname(path)
  // What the kernel says of another file system is what it says of a lacking right.
  if (isOnBpffs(folder) === false) return noBpffs(message, folder)
  if (errno === ERRNO.ENOENT) return new NotFoundError(`${message}: its folder is not there`)
  if (errno === ERRNO.EPERM || errno === ERRNO.EACCES) return notPermitted(message, errno)
  if (errno === ERRNO.EINVAL)
    return new UnsupportedError(`${message}: this kernel cannot pin it`, {
      needs: 'newer_kernel',
      hint: 'Programs on raw and typed tracepoints can be pinned since Linux 5.8.',
    })
  return failed(message, errno)
}

/**
 * Opens what is pinned: BPF_OBJ_GET, Linux 4.4. Nothing else at the path is opened.
 *
 * @param what what it is, for the message: `map events`
 * @throws {NotFoundError} if nothing is there
 * @throws {InvalidSpecError} if something else is there
 * @throws {UnsupportedError} if the path does not lie on a bpffs
 * @throws {NotPermittedError} {SystemCallError}
 */
export function openPinned(path: string, kind: PinnedKind, what: string): FileDescriptor {
  checkPath(path)
  const message = `Cannot open ${what} at ${path}`
  const result = bpf('BPF_OBJ_GET', packStruct(bpf_attr_obj, { pathname: cString(path) }))
  if (result < 0) throw openError(message, -result, path)
  const fd = new FileDescriptor(result, what)
  const found = kindOf(fd)
  if (found === kind) return fd
  fd.close()
  throw new InvalidSpecError(`${message}: it is ${found === undefined ? 'of another kind' : `a ${found}`}`)
}

function openError(message: string, errno: number, path: string): BpfError {
  if (errno === ERRNO.ENOENT) return new NotFoundError(`${message}: it is gone, or never was`)
  if (errno !== ERRNO.EACCES && errno !== ERRNO.EPERM) return failed(message, errno)
  if (isOnBpffs(path) === false) return noBpffs(message, path)
  return isPin(path) ? notPermitted(message, errno) : new InvalidSpecError(`${message}: it is no pin`)
}

/** A pin looks like a file; folders and links are what else there is on a bpffs. */
function isPin(path: string): boolean {
  try {
    return lstatSync(path).isFile()
  } catch {
    // Whoever may not look may not open it either.
    return true
  }
}

/** What a descriptor is of, as /proc shows it: the kernel gives whatever is pinned at a path. */
function kindOf(fd: FileDescriptor): PinnedKind | undefined {
  const [, name] = /^anon_inode:\[?bpf[-_](map|prog|link)/.exec(linkOf(fd)) ?? []
  return name === 'prog' ? 'program' : (name as 'map' | 'link' | undefined)
}

function linkOf(fd: FileDescriptor): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd.number}`)
  } catch {
    return ''
  }
}

/** @throws {InvalidSpecError} for a path that the kernel would read as another, or refuses for its dot */
function checkPath(path: string): void {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (!path.startsWith('/') || path.includes('\0') || name === '')
    throw new InvalidSpecError(`${JSON.stringify(path)} is no absolute path of a file`)
  if (name.includes('.'))
    throw new InvalidSpecError(`Cannot pin at ${path}: a bpffs takes no names with a dot`)
}

function noBpffs(message: string, path: string): UnsupportedError {
  return new UnsupportedError(`${message}: ${path} is not on a bpffs`, {
    needs: 'bpffs',
    hint: 'Mount one (`mount -t bpf bpf /sys/fs/bpf`), and give a path below it.',
  })
}

function notPermitted(message: string, errno: number): NotPermittedError {
  const name = errnoName(errno)
  return new NotPermittedError(
    `${message}: ${name}`,
    { number: errno, name },
    {
      needs: 'capabilities',
      hint: 'It takes the rights of files there, and CAP_BPF (CAP_SYS_ADMIN before Linux 5.8).',
    },
  )
}
