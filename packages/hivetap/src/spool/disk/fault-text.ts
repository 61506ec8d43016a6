import { errorCode } from '../../io/error-code.js'
import type { DiskFault, DiskTask } from './disk-faults.js'

/** A file of a spool is shorter than what was written to it. */
export class FileCutError extends Error {
  readonly code = 'SHORT_READ'

  /** @param bytes what it was to hold at least @param size what was there */
  constructor(bytes: number, size: number) {
    super(`it ends at byte ${size}, and ${bytes} were written`)
  }
}

const TASKS: Readonly<Record<DiskTask, string>> = {
  write: 'cannot write to',
  read: 'cannot read',
  sync: 'cannot bring to the medium',
  state: 'cannot write its state to',
  remove: 'cannot remove',
}

const NO_ROOM = 'make room there, or make spool.max_bytes smaller'
const NOT_ALLOWED = 'let the user of the agent read and write there'
const OPEN_FILES = 'too many files are open: raise the limit (LimitNOFILE, ulimit -n)'

/** What helps, by what the operating system says. */
const HELP: Readonly<Record<string, string>> = {
  EIO: 'the disk may be failing: see the log of the kernel',
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
  EROFS: 'see in the log of the kernel why it is read-only, and mount it writable',
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
  ENOENT: 'somebody else removed it: leave the files of a spool to the agent',
  EEXIST: 'something else is there: leave the files of a spool to the agent',
  SHORT_READ: 'somebody else cut it: leave the files of a spool to the agent',
  ESTALE: 'its server has it no more: mount the directory anew, and start the agent anew',
  EMFILE: OPEN_FILES,
  ENFILE: OPEN_FILES,
}

/** A fault in a line: what could not be done, to which file, why, and what helps. */
export function faultText({ task, path, error }: Pick<DiskFault, 'task' | 'path' | 'error'>): string {
  const code = errorCode(error) ?? ''
  const message = error instanceof Error ? error.message : String(error)
  const why = message.startsWith('Unknown system error') && code !== '' ? code : message
  const help = HELP[code] ?? 'see that its disk works'
  return `${TASKS[task]} ${path}: ${why}; ${help}`
}
