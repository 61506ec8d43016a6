// @ts-check
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Daemons } from './daemons.mjs'
import { allClusters } from './instance.mjs'

/**
 * Makes folders of the machine that nodes put theirs upon, and remembers which were not there.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {readonly string[]} folders
 */
export function makeFolders(cluster, folders) {
  for (const folder of folders) {
    const made = missingOf(folder)
    mkdirSync(folder, { recursive: true })
    if (made.length > 0) appendFileSync(listOf(cluster), made.map((path) => `${path}\n`).join(''))
  }
}

/**
 * Removes those that were made, and that nobody put anything into since. Not while another cluster runs: of a folder that
 * is removed, what another mount namespace has mounted upon it is gone as well.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 */
export function removeMadeFolders(cluster) {
  if (!existsSync(listOf(cluster)) || allClusters().some(isRunning)) return
  const made = readFileSync(listOf(cluster), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  // The deepest first.
  for (const folder of made.sort().reverse()) {
    try {
      rmdirSync(folder)
    } catch {
      // It is somebody's by now.
    }
  }
  rmSync(listOf(cluster))
}

/** @param {import('./instance.mjs').Cluster} cluster */
function listOf({ cache }) {
  return join(cache, 'made-folders')
}

/** @param {import('./instance.mjs').Cluster} cluster */
function isRunning(cluster) {
  const daemons = new Daemons(cluster)
  return daemons.names().some((name) => daemons.pid(name) !== undefined)
}

/**
 * The folder and those above it that are not there.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function missingOf(folder) {
  return existsSync(folder) ? [] : [...missingOf(dirname(folder)), folder]
}
