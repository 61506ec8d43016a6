import { lockFile } from '@hivetap/bpf'

/** A spool that another process has open. */
export class SpoolLockedError extends Error {
  /** The process that has it, where it can be told: not that of another container. */
  readonly pid: number | undefined

  constructor(dir: string, pid: number | undefined) {
    super(
      `Spool ${dir} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}: end it, or give this one a directory of its own`,
    )
    this.pid = pid
  }
}

/**
 * Takes a spool's directory for this process. The kernel lets go of it when the process ends, however it does, and holds it
 * against processes of other containers too; so there is no stale lock to judge.
 *
 * @returns lets go of it
 * @throws {SpoolLockedError}
 */
export function lockDirectory(dir: string): () => void {
  const lock = lockFile(dir)
  if (!lock.held) throw new SpoolLockedError(dir, lock.holder)
  return () => lock.close()
}
