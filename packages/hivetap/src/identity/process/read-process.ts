import { closeSync, existsSync, openSync, readlinkSync, readSync } from 'node:fs'
import { type ProcessStat, parseStat } from './stat-line.js'

/** What /proc tells of a process. */
export interface ProcessFacts {
  /** When it began: clock ticks since the host was started. With the pid it tells the process from any other. */
  readonly startTicks: number
  /**
   * Where the arguments of its program lie in its memory: elsewhere once it is another program. 0 without the right to look, which
   * is the same as for `executable`.
   */
  readonly argumentsAt: number
  /**
   * Path of its program, as it sees it; ` (deleted)` behind it where the file was removed or replaced since. Absent for threads
   * of the kernel, and without the right to look: CAP_SYS_PTRACE for those of others.
   */
  readonly executable?: string
}

/** Reads /proc/PID/stat; `undefined` if the process is gone, or hidden (hidepid of proc(5)). */
export function readStat(proc: string, pid: number): ProcessStat | undefined {
  // Most that are asked for late are gone, and an error costs ten times as much as this.
  if (!existsSync(`${proc}/${pid}`)) return undefined
  const line = readText(`${proc}/${pid}/stat`)
  return line === undefined ? undefined : parseStat(line)
}

/** More than what is read of a process may have: a path of a cgroup has 4 KiB at most, and there is one a hierarchy. */
const page = Buffer.allocUnsafeSlow(128 << 10)

/**
 * The text of a file of /proc, each byte a character, as far as it is of use; `undefined` if it cannot be read, for whatever
 * reason. Reading into the same memory again and again takes half the time of readFileSync.
 */
export function readText(path: string): string | undefined {
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    let length = 0
    for (let read = -1; read !== 0 && length < page.length; length += read)
      read = readSync(fd, page, length, page.length - length, null)
    return page.toString('latin1', 0, length)
  } catch {
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** The kernel's first own thread: it has this number in the host's pid namespace, and is in no other. */
export const KTHREADD = 2

/**
 * Whether a /proc shows the processes of the whole host, by the numbers that the kernel's programs see: in a container without
 * hostPID a number stands for another process.
 */
export function showsHost(proc: string): boolean {
  return readStat(proc, KTHREADD)?.ofKernel === true
}

/**
 * What /proc tells of a process; `undefined` if it is gone. All is of one process and one program: if the pid is given to another
 * while it is read, or the program is, that one is read, and if it happens again, none.
 */
export function readProcess(proc: string, pid: number): ProcessFacts | undefined {
  return readOnce(proc, pid) ?? readOnce(proc, pid)
}

function readOnce(proc: string, pid: number): ProcessFacts | undefined {
  const before = readStat(proc, pid)
  if (before === undefined) return undefined
  const executable = readExecutable(proc, pid)
  const after = readStat(proc, pid)
  const { startTicks, argumentsAt } = before
  if (after?.startTicks !== startTicks || after.argumentsAt !== argumentsAt) return undefined
  return {
    startTicks,
    argumentsAt,
    ...(executable === undefined ? {} : { executable }),
  }
}

function readExecutable(proc: string, pid: number): string | undefined {
  try {
    return readlinkSync(`${proc}/${pid}/exe`)
  } catch {
    return undefined
  }
}
