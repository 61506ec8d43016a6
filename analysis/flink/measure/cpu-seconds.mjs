// @ts-check
import { readFileSync } from 'node:fs'

/** Kernels count processor time in these. */
const TICKS_A_SECOND = 100

/**
 * Processor time that a process has taken, user and system.
 *
 * @param {number} pid
 */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}
