import { closeSync, fstatSync, openSync } from 'node:fs'
import { failed } from './errno.js'
import { libc } from './libc.js'
import { allocate } from './memory.js'

/**
 * Reads a large file of the kernel's own file systems, of those that tell its size. They hand out a page at a time (kernfs_file_read_iter() in
 * fs/kernfs/file.c), so that five megabytes take more than a thousand calls: they are made without Node's own ado, which
 * takes three times as long.
 *
 * @throws {SystemCallError} if read(2) fails; an error of Node's if it cannot be opened
 */
export function readKernelFile(path: string): Uint8Array {
  const fd = openSync(path, 'r')
  try {
    const memory = allocate(fstatSync(fd).size)
    const size = memory.bytes.byteLength
    let at = 0
    while (at < size) {
      const read = libc().read(fd, memory, at)
      if (read < 0) throw failed(`Cannot read ${path}`, read)
      if (read === 0) break
      at += read
    }
    return memory.bytes.subarray(0, at)
  } finally {
    closeSync(fd)
  }
}
