// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Keeps other commands off a cluster while one changes it. It ends with the process that has it, however that ends.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {() => Promise<void>} change
 * @throws if another command is at it
 */
export async function alone({ run }, change) {
  mkdirSync(run, { recursive: true })
  const file = join(run, 'changing')
  const release = () => rmSync(file, { force: true })
  take(file)
  process.once('exit', release)
  try {
    await change()
  } finally {
    process.removeListener('exit', release)
    release()
  }
}

/** @param {string} file */
function take(file) {
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST' || tries > 0) throw error
    }
    const pid = Number(readFileSync(file, 'utf8'))
    if (isCommand(pid))
      throw new Error(`another command is at this cluster (process ${pid}): wait until it has ended`)
    rmSync(file, { force: true })
  }
}

/** @param {number} pid */
function isCommand(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('cluster')
  } catch {
    return false
  }
}
