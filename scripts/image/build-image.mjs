// @ts-check
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../bundle.mjs'
import { ROOT } from '../root.mjs'
import { debianFiles, fetchDebian } from './fetch-debian.mjs'
import { fetchNpm, packageFiles } from './fetch-npm.mjs'
import { hivetapFiles, moduleFiles, nodeFiles, PLATFORMS, systemFiles, textFile } from './image-files.mjs'
import { closure } from './lock-closure.mjs'
import { OciLayout } from './oci.mjs'
import { sbom } from './sbom.mjs'

/** Where packages are kept once they were fetched. */
const CACHE = process.env['HIVETAP_IMAGE_CACHE'] ?? join(homedir(), '.cache/hivetap-image')
/** Packages that have a layer of their own: large, and the same for many versions of hivetap. */
const OF_THE_STORE = /^@duckdb\//
/** How the image is run. */
const CONFIG = {
  // Rights that a container is given become effective for root alone.
  User: '0:0',
  // What is short-lived may take 2 MiB and not 16 before it is cleared up, and threads share the room they ask libc for:
  // docs/benchmarks.md has what that makes of an agent.
  Env: ['PATH=/usr/bin', 'NODE_OPTIONS=--max-semi-space-size=2', 'MALLOC_ARENA_MAX=1'],
  Entrypoint: ['/usr/bin/hivetap'],
  WorkingDir: '/',
}

/**
 * Makes the image for all platforms.
 *
 * @param {object} options
 * @param {import('./lock.mjs').ImageLock} options.lock
 * @param {import('./fetch-debian.mjs').Policy} options.policy
 * @param {number} options.epoch seconds since 1970 that all is dated with
 * @param {(line: string) => void} options.tell
 */
export async function buildImage({ lock, policy, epoch, tell }) {
  const { joined, beside } = await bundle()
  const hivetap = packHivetap()
  /** @type {{ name: string, version: string, license: string }} */
  const { version, license } = aboutOf(join(ROOT, 'packages/hivetap'))
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const layout = new OciLayout(epoch)
  const boms = []
  /** @type {import('./lock.mjs').ImageLock} */
  const used = structuredClone(lock)
  const sizes = []
  for (const platform of PLATFORMS) {
    const { cpu, architecture } = platform
    const debian = await fetchDebian({
      architecture,
      locked: lock.debian[architecture],
      policy,
      cache: CACHE,
      tell,
    })
    used.debian[architecture] = debian.map(({ name, version, sha256 }) => ({ name, version, sha256 }))
    const nodePackage = {
      name: `node-linux-${cpu}`,
      version: lock.node.version,
      integrity: lock.node.integrity[cpu],
    }
    const modules = await Promise.all(
      closure(packages, 'packages/hivetap', beside, cpu).map(async (about) => {
        const entries = await fetchNpm(about, CACHE)
        return { about, licence: licenceOf(entries), files: moduleFiles(about.folder, entries) }
      }),
    )
    const store = modules.filter(({ about }) => OF_THE_STORE.test(about.name))
    const bom = sbom({
      version,
      architecture,
      epoch,
      parts: [
        ...debian.map((each) => debianPart(each)),
        npmPart(nodePackage, 'MIT'),
        ...modules.map(({ about, licence }) => npmPart(about, licence)),
        ...joined.map((folder) => joinedPart(aboutOf(folder))),
      ],
    })
    boms.push({ architecture, text: bom })
    const layers = await layout.add({
      architecture,
      config: { ...CONFIG, Labels: labels(version, license) },
      layers: [
        {
          name: 'system',
          files: systemFiles(
            debian.map(({ path }) => debianFiles(path)),
            platform,
          ),
        },
        { name: 'node', files: nodeFiles(await fetchNpm(nodePackage, CACHE)) },
        { name: 'store', files: store.flatMap(({ files }) => files) },
        {
          name: 'hivetap',
          files: [
            ...modules.filter((each) => !store.includes(each)).flatMap(({ files }) => files),
            ...hivetapFiles(hivetap),
            textFile('usr/share/doc/hivetap/sbom.spdx.json', bom),
          ],
        },
      ],
    })
    sizes.push({ architecture, layers })
  }
  const { archive, digest } = layout.finish(`localhost/hivetap:${version}`, labels(version, license))
  return { version, archive, digest, sizes, boms, lock: used }
}

/**
 * @param {string} version
 * @param {string} license
 */
function labels(version, license) {
  return {
    'org.opencontainers.image.title': 'hivetap',
    'org.opencontainers.image.description': 'Which TCP connects are slow or fail, why, and whose they are',
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.licenses': license,
  }
}

/** hivetap as it would be published. */
function packHivetap() {
  const folder = mkdtempSync(join(tmpdir(), 'hivetap-pack-'))
  try {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
      cwd: join(ROOT, 'packages/hivetap'),
    })
    const [file = ''] = readdirSync(folder)
    return packageFiles(readFileSync(join(folder, file)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder */
function aboutOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** @param {readonly import('./tar-read.mjs').TarEntry[]} entries */
function licenceOf(entries) {
  const about = entries.find(({ path }) => path === 'package.json')
  const { license } = JSON.parse(about?.content.toString('utf8') ?? '{}')
  return typeof license === 'string' ? license : 'NOASSERTION'
}

/**
 * @param {import('./fetch-debian.mjs').DebianPackage} about
 * @returns {import('./sbom.mjs').Part}
 */
function debianPart({ name, version, sha256 }) {
  return {
    kind: 'deb',
    name,
    version,
    licence: 'NOASSERTION',
    checksum: { algorithm: 'SHA256', value: sha256 },
  }
}

/**
 * @param {{ name: string, version: string, integrity: string }} about
 * @param {string} licence
 * @returns {import('./sbom.mjs').Part}
 */
function npmPart({ name, version, integrity }, licence) {
  const value = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex')
  return { kind: 'npm', name, version, licence, checksum: { algorithm: 'SHA512', value } }
}

/**
 * @param {{ name: string, version: string, license?: string }} about
 * @returns {import('./sbom.mjs').Part}
 */
function joinedPart({ name, version, license = 'NOASSERTION' }) {
  return { kind: 'npm', name, version, licence: license, joined: true }
}
