import { mkdirSync } from 'node:fs'
import { BpfError, type FileLock, isOnBpffs, lockFile, UnsupportedError } from '@hivetap/bpf'

/** Another process uses what is pinned. */
export class PinsHeldError extends BpfError {
  readonly code = 'exists'
  /** Its number, where it can be seen. */
  readonly holder: number | undefined

  constructor(directory: string, holder: number | undefined) {
    super(
      `Cannot use what is pinned at ${directory}: ${holder === undefined ? 'another process' : `process ${holder}`} does`,
      { hint: 'Stop it first, or give another directory; hivetap unpin --force removes them all the same.' },
    )
    this.holder = holder
  }
}

/**
 * Makes the directory, if it is not there, and holds it for this process: until the lock is closed, or the process ends.
 *
 * @throws {UnsupportedError} if it is not on a bpffs; {PinsHeldError} if another process holds it
 * @throws {SystemCallError}, or Node's own error if it cannot be made
 */
export function holdDirectory(directory: string): FileLock {
  for (;;) {
    makeDirectory(directory)
    try {
      const lock = lockFile(directory)
      if (!lock.held) throw new PinsHeldError(directory, lock.holder)
      return lock
    } catch (error) {
      // It was removed meanwhile, by who held it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

function makeDirectory(directory: string): void {
  let there = isOnBpffs(directory)
  const above = directory.replace(/\/[^/]*\/*$/, '') || '/'
  if (there === undefined && isOnBpffs(above) === true) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    there = isOnBpffs(directory)
  }
  if (there === true) return
  throw new UnsupportedError(
    `Cannot pin at ${directory}: ${there === undefined ? above : directory} is not on a bpffs`,
    {
      needs: 'bpffs',
      hint: 'Mount one (`mount -t bpf bpf /sys/fs/bpf`; in a pod, the host’s as a volume), or do without --pin.',
    },
  )
}
