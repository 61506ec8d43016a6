// @ts-check
import { readFileSync } from 'node:fs'
import { wait } from '../program.mjs'

/**
 * @typedef {object} Memory in MB
 * @property {number} resident proc_pid_status(5): VmRSS
 * @property {number} proportional proc_pid_smaps(5): Pss, in which what others map too counts by their number
 */

/** @param {import('../program.mjs').Program} program @returns {Memory} */
export function memoryOf(program) {
  const rollup = readFileSync(`/proc/${program.pid}/smaps_rollup`, 'utf8')
  const kB = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1])
  return { resident: program.memoryMB('VmRSS'), proportional: (kB * 1024) / 1e6 }
}

const EVERY_MS = 500

/**
 * The most there was of each, while something goes on.
 *
 * @param {import('../program.mjs').Program} program
 * @param {Promise<unknown>} goesOn
 */
export async function mostMemory(program, goesOn) {
  let isOver = false
  const over = goesOn.finally(() => {
    isOver = true
  })
  let { resident, proportional } = memoryOf(program)
  while (!isOver) {
    await Promise.race([wait(EVERY_MS), over])
    const now = memoryOf(program)
    resident = Math.max(resident, now.resident)
    proportional = Math.max(proportional, now.proportional)
  }
  await over
  return { resident, proportional }
}
