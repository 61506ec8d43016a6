import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile } from '@hivetap/bpf'
import { FILE_MODE } from './write-file.js'

/** A spool that another process has open. */
export class SpoolLockedError extends Error {
  /** The process that has it, as it names itself: in a container of its own, that may be another number. */
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
  const path = join(dir, 'lock')
  const fd = openSync(path, 'a+', FILE_MODE)
  try {
    if (!lockFile(fd)) throw new SpoolLockedError(dir, holder(path))
    ftruncateSync(fd, 0)
    tryWrite(fd, `${process.pid}\n`)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return () => closeSync(fd)
}

function holder(path: string): number | undefined {
  const pid = Number.parseInt(readFileSync(path, 'latin1').slice(0, 16), 10)
  return Number.isSafeInteger(pid) ? pid : undefined
}

/** The number is for people: on a full disk the lock holds without. */
function tryWrite(fd: number, text: string): void {
  try {
    writeSync(fd, text)
  } catch {
    // As said.
  }
}
