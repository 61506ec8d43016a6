import { libc } from './libc.js'
import { allocate } from './memory.js'

const POLLOUT = 4

/**
 * Whether a file descriptor can be written to now, without waiting: poll(2). Of a pipe, 4096 bytes then fit (pipe(7):
 * PIPE_BUF). Also when its reader is gone: the write then says so.
 */
export function isWritable(fd: number): boolean {
  // struct pollfd: fd int, events short, revents short
  const pollfd = allocate(8)
  pollfd.view.setInt32(0, fd, true)
  pollfd.view.setInt16(4, POLLOUT, true)
  return libc().poll(pollfd, 0) > 0
}
