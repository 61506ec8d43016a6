// @ts-check
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readTar } from './tar-read.mjs'

/**
 * A package of Debian, as the lock has it.
 *
 * @typedef {object} DebianPackage
 * @property {string} name
 * @property {string} version
 * @property {string} sha256
 */

/** @typedef {'locked' | 'served' | 'newest'} Policy of the lock alone; of the lock, or what is served where it is not any more; what is served */

/** The version that a lock names is not served any more: an archive keeps the newest alone. */
export class NotServedError extends Error {}

/**
 * Packages of one architecture, each of the lock, or of what the archive has now; what was fetched once is kept in a folder.
 *
 * @param {object} what
 * @param {string} what.architecture as Debian calls it
 * @param {readonly DebianPackage[]} what.locked
 * @param {Policy} what.policy
 * @param {string} what.cache
 * @param {(line: string) => void} what.tell
 * @returns {Promise<(DebianPackage & { path: string })[]>}
 * @throws {NotServedError} with the policy `locked`
 */
export async function fetchDebian({ architecture, locked, policy, cache, tell }) {
  mkdirSync(cache, { recursive: true })
  const { AptRoot } = await import('./apt-root.mjs')
  const root = new AptRoot(architecture)
  let opened = false
  const archive = async () => {
    if (!opened) await root.open()
    opened = true
    return root
  }
  try {
    const packages = []
    for (const wanted of locked) {
      const kept = join(cache, `${wanted.sha256}.deb`)
      if (policy !== 'newest' && existsSync(kept)) {
        if (sha256(kept) === wanted.sha256) {
          packages.push({ ...wanted, path: kept })
          continue
        }
        rmSync(kept)
      }
      const version = await (await archive()).candidate(wanted.name)
      const isLocked = version === wanted.version
      if (!isLocked && policy === 'locked') throw new NotServedError(notServed(wanted, version))
      if (!isLocked && policy === 'served') tell(notServed(wanted, version))
      const got = await download(root, wanted.name, version, cache)
      if (isLocked && policy !== 'newest' && got.sha256 !== wanted.sha256)
        throw new Error(
          `${wanted.name} ${version} for ${architecture} is not what the lock says: ${got.sha256}, not ${wanted.sha256}`,
        )
      packages.push({ name: wanted.name, version, ...got })
    }
    return packages
  } finally {
    root.close()
  }
}

/**
 * The files of a package.
 *
 * @param {string} path
 */
export function debianFiles(path) {
  return readTar(execFileSync('dpkg-deb', ['--fsys-tarfile', path], { maxBuffer: 1 << 30 }))
}

/**
 * @param {DebianPackage} wanted
 * @param {string} version
 */
function notServed({ name, version: locked }, version) {
  return `${name} ${locked} of the lock is not served any more, ${version} is: npm run image -- --update writes the lock anew`
}

/**
 * @param {import('./apt-root.mjs').AptRoot} root
 * @param {string} name
 * @param {string} version
 * @param {string} cache
 */
async function download(root, name, version, cache) {
  const folder = mkdtempSync(join(cache, 'fetching-'))
  try {
    await root.download(name, version, folder)
    const [file] = readdirSync(folder)
    if (file === undefined) throw new Error(`apt-get download wrote nothing for ${name}=${version}`)
    const sum = sha256(join(folder, file))
    const path = join(cache, `${sum}.deb`)
    renameSync(join(folder, file), path)
    return { sha256: sum, path }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} path */
function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
