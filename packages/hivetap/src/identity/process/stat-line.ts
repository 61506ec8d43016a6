/** What is read of /proc/PID/stat: proc_pid_stat(5). */
export interface ProcessStat {
  /** When it began: clock ticks since the host was started, with the time that it slept. */
  readonly startTicks: number
  /** Where the arguments of its program lie in its memory; 0 without the right to look, and of the kernel's own threads. */
  readonly argumentsAt: number
  /** Whether it is one of the kernel's own threads. */
  readonly ofKernel: boolean
}

/** The first field behind the name is the third. */
const BEHIND_NAME = 3
const FLAGS = 9
const START_TIME = 22
const ARG_START = 48
/** PF_KTHREAD of include/linux/sched.h. */
const KERNEL_THREAD = 0x0020_0000

/**
 * Reads a line of /proc/PID/stat; `undefined` if it is none. The name in it is whatever the process calls itself, parentheses,
 * spaces and line ends too: what counts begins behind the last parenthesis.
 */
export function parseStat(line: string): ProcessStat | undefined {
  const end = line.lastIndexOf(') ')
  if (end < 0) return undefined
  const fields = line.slice(end + 2).split(' ')
  const flags = decimal(fields[FLAGS - BEHIND_NAME])
  const startTicks = decimal(fields[START_TIME - BEHIND_NAME])
  const argumentsAt = decimal(fields[ARG_START - BEHIND_NAME]) ?? 0
  if (flags === undefined || startTicks === undefined) return undefined
  return { startTicks, argumentsAt, ofKernel: Math.floor(flags / KERNEL_THREAD) % 2 === 1 }
}

function decimal(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,16}$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}
