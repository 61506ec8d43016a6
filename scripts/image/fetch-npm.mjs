// @ts-check
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { readTar } from './tar-read.mjs'

const call = promisify(execFile)

/**
 * The files of a package of npm, as its registry has it, by npm's own client; what was fetched once is kept in a folder.
 *
 * @param {{ readonly name: string, readonly version: string, readonly integrity: string }} about
 * @param {string} cache
 * @returns {Promise<import('./tar-read.mjs').TarEntry[]>} paths without `package/` in front
 * @throws if it cannot be had, or is not what the integrity says
 */
export async function fetchNpm({ name, version, integrity }, cache) {
  const path = join(cache, `${name.replace('/', '-')}-${version}.tgz`)
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true })
    const folder = mkdtempSync(join(cache, 'fetching-'))
    try {
      await call('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', folder])
      const [file] = readdirSync(folder)
      if (file === undefined) throw new Error(`npm pack wrote nothing for ${name}@${version}`)
      renameSync(join(folder, file), path)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const bytes = readFileSync(path)
  if (!isIntact(bytes, integrity)) {
    rmSync(path)
    throw new Error(`${name}@${version} is not what the lock says (${integrity}): nothing of it was used`)
  }
  return packageFiles(bytes)
}

/**
 * The files of a package that npm packed.
 *
 * @param {Buffer} bytes
 */
export function packageFiles(bytes) {
  // The first folder may have any name; npm leaves it out too.
  return readTar(gunzipSync(bytes)).map((entry) => ({ ...entry, path: entry.path.replace(/^[^/]+\//, '') }))
}

/**
 * Whether bytes are those that a lock means.
 *
 * @param {Buffer} bytes
 * @param {string} integrity `sha512-` and the sum in base64, as npm writes it
 */
function isIntact(bytes, integrity) {
  const [algorithm = '', sum] = integrity.split('-')
  return algorithm === 'sha512' && createHash(algorithm).update(bytes).digest('base64') === sum
}
