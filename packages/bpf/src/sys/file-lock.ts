import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { ERRNO, failed } from './errno.js'
import { libc, systemCallNumber } from './libc.js'

const LOCK_EX = 2
const LOCK_NB = 4

/** A lock on a file or folder: whoever else asks is refused, until it is closed or the process ends, however it ends. */
export interface FileLock {
  readonly held: true
  /** Whether its path still leads to what is locked: not when that was removed, whatever is there now. */
  readonly current: boolean
  close(): void
  [Symbol.dispose](): void
}

/** Somebody else has it. */
export interface LockRefused {
  readonly held: false
  /** The process that has it, where /proc/locks shows it: not from another PID namespace. */
  readonly holder: number | undefined
}

/**
 * Locks a file or folder that is there, for this process alone: flock(2). The lock is on the file itself, so it holds
 * whatever the path is that others have to it, and needs no file beside it.
 *
 * @throws {SystemCallError} if it cannot be locked; Node's own error if it cannot be opened
 */
export function lockFile(path: string): FileLock | LockRefused {
  for (;;) {
    // Node opens files so that children do not inherit them, who would hold the lock.
    const fd = openSync(path, constants.O_RDONLY)
    const result = libc().systemCall(systemCallNumber('flock'), fd, LOCK_EX | LOCK_NB)
    if (result === 0 && isStill(path, fd)) {
      let open = true
      const close = () => {
        if (open) closeSync(fd)
        open = false
      }
      return {
        held: true,
        get current() {
          return open && isStill(path, fd)
        },
        close,
        [Symbol.dispose]: close,
      }
    }
    const holder = result === -ERRNO.EWOULDBLOCK ? holderOf(fd) : undefined
    closeSync(fd)
    if (result === -ERRNO.EWOULDBLOCK) return { held: false, holder }
    if (result < 0 && result !== -ERRNO.EINTR) throw failed(`Cannot lock ${path}`, result)
  }
}

/** Whether the path still leads to what is locked: it may have been removed and made anew before. */
function isStill(path: string, fd: number): boolean {
  const locked = fstatSync(fd)
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.ino === locked.ino && found.dev === locked.dev
}

/** proc_locks(5): `1: FLOCK  ADVISORY  WRITE 708 fd:01:12345 0 EOF`, the device in hexadecimal. */
function holderOf(fd: number): number | undefined {
  const { ino, dev } = fstatSync(fd)
  // As the kernel packs a device's numbers for user space: makedev(3).
  const major = (dev >> 8) & 0xfff
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00)
  const place = `${hex(major)}:${hex(minor)}:${ino}`
  let text: string
  try {
    text = readFileSync('/proc/locks', 'utf8')
  } catch {
    return undefined
  }
  for (const line of text.split('\n')) {
    const [, kind, , , pid, file] = line.trim().split(/\s+/)
    if (kind === 'FLOCK' && file === place && Number(pid) > 0) return Number(pid)
  }
  return undefined
}

const hex = (number: number): string => number.toString(16).padStart(2, '0')
