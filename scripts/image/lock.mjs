// @ts-check
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../root.mjs'

/**
 * What the image is made of beside the packages of package-lock.json.
 *
 * @typedef {object} ImageLock
 * @property {{ version: string, integrity: Record<'x64' | 'arm64', string> }} node
 * @property {Record<'amd64' | 'arm64', import('./fetch-debian.mjs').DebianPackage[]>} debian
 */

const PATH = join(ROOT, 'scripts/image/lock.json')

/** @returns {ImageLock} */
export function readLock() {
  return JSON.parse(readFileSync(PATH, 'utf8'))
}

/** @param {ImageLock} lock */
export function writeLock(lock) {
  writeFileSync(PATH, `${JSON.stringify(lock, undefined, 2)}\n`)
}
