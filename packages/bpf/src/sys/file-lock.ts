import { ERRNO, failed } from './errno.js'
import { libc } from './libc.js'

const LOCK_EX = 2
const LOCK_NB = 4

/**
 * Locks an open file for this process alone, without waiting: flock(2). The kernel lets go of it when the descriptor is
 * closed, or the process ends.
 *
 * @returns whether it is locked now; not if somebody else holds it
 * @throws {SystemCallError} if its file system knows no locks
 */
export function lockFile(fd: number): boolean {
  const result = libc().flock(fd, LOCK_EX | LOCK_NB)
  if (result === -ERRNO.EAGAIN) return false
  if (result < 0) throw failed('Cannot lock a file', result)
  return true
}
