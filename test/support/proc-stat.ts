import { readFileSync } from 'node:fs'

/** What the kernel says of a process in /proc/PID/stat, as proc_pid_stat(5) numbers the fields. */
export function procStat(pid: number): { readonly startTicks: number; readonly argumentsAt: number } {
  const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is a name in parentheses, with whatever in it.
  const behindName = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(behindName[number - 3])
  return { startTicks: field(22), argumentsAt: field(48) }
}
