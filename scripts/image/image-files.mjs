// @ts-check
import { posix } from 'node:path'

/** What stands in the image, a function a layer: the C library, Node, DuckDB, and hivetap with what else it needs. */

/** @typedef {import('./tar-read.mjs').TarEntry} TarEntry */
/** @typedef {import('./tar-write.mjs').ImageFile} ImageFile */

/**
 * A processor, as Node, Debian, and Debian's folders call it.
 *
 * @typedef {object} Platform
 * @property {'x64' | 'arm64'} cpu
 * @property {'amd64' | 'arm64'} architecture
 * @property {string} triplet
 * @property {string} loader where programs look for the one that loads them
 */

/** @type {readonly Platform[]} */
export const PLATFORMS = [
  {
    cpu: 'x64',
    architecture: 'amd64',
    triplet: 'x86_64-linux-gnu',
    loader: 'usr/lib64/ld-linux-x86-64.so.2',
  },
  {
    cpu: 'arm64',
    architecture: 'arm64',
    triplet: 'aarch64-linux-gnu',
    loader: 'usr/lib/ld-linux-aarch64.so.1',
  },
]

/** Where hivetap and what it needs is. */
export const MODULES = 'usr/lib/node_modules'

/** The libraries that Node and the native parts name; a test holds it. */
const LIBRARIES = /^(ld-linux-.*|lib(c|m|dl|pthread|rt)\.so\.\d+|libgcc_s\.so\.1|libstdc\+\+\.so\.6[.\d]*)$/

/** What a package holds for those who write or build: not for those who run it. Licences stay, whatever they end in. */
const NOT_RUN = /(\.d\.[cm]?ts|\.map|\.md|\.markdown|\.flow)$/i
const LICENCE = /(^|\/)(licen[cs]e|notice|copying|copyright|third-party)[^/]*$/i
/** Koffi’s sources, and its binaries for another C library. */
const NOT_RUN_OF_KOFFI = /^(doc\/|vendor\/|lib\/native\/|cnoke\.cjs|musl_)|\.(cc|hh|h|S|asm|inc|def)$/

/**
 * The C library and what else programs need of a system; users by their names, for root alone.
 *
 * @param {readonly (readonly TarEntry[])[]} packages of Debian
 * @param {Platform} platform
 * @returns {ImageFile[]}
 */
export function systemFiles(packages, { triplet, loader }) {
  const folder = `usr/lib/${triplet}`
  const libraries = packages.flat().flatMap((entry) => {
    const [, name = ''] = new RegExp(`^(?:usr/)?lib/${triplet}/([^/]+)$`).exec(entry.path) ?? []
    return LIBRARIES.test(name) ? [imageFile(entry, `${folder}/${name}`)] : []
  })
  const name = loader.slice(loader.lastIndexOf('/') + 1)
  if (!libraries.some(({ path }) => path === `${folder}/${name}`))
    throw new Error(`None of Debian’s packages has ${folder}/${name}`)
  const copyrights = packages
    .flat()
    .filter(({ path, kind }) => /^usr\/share\/doc\/[^/]+\/copyright$/.test(path) && kind === 'file')
  return [
    ...libraries,
    ...copyrights.map((entry) => imageFile(entry, entry.path)),
    { path: 'lib', kind: 'symlink', mode: 0o777, target: 'usr/lib' },
    { path: 'lib64', kind: 'symlink', mode: 0o777, target: 'usr/lib64' },
    directory('usr/lib64'),
    {
      path: loader,
      kind: 'symlink',
      mode: 0o777,
      target: posix.relative(posix.dirname(loader), `${folder}/${name}`),
    },
    textFile('etc/passwd', 'root:x:0:0:root:/:/usr/sbin/nologin\n'),
    textFile('etc/group', 'root:x:0:\n'),
    textFile('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    directory('run/hivetap'),
    directory('var/lib/hivetap'),
    directory('tmp', 0o1777),
  ]
}

/**
 * Node, as its package has it, and its licence.
 *
 * @param {readonly TarEntry[]} entries
 * @returns {ImageFile[]}
 */
export function nodeFiles(entries) {
  return [
    imageFile(named(entries, 'bin/node'), 'usr/bin/node'),
    imageFile(named(entries, 'LICENSE'), 'usr/share/doc/node/copyright'),
  ]
}

/**
 * A package that hivetap loads when it runs.
 *
 * @param {string} folder `node_modules/…`
 * @param {readonly TarEntry[]} entries
 * @returns {ImageFile[]}
 */
export function moduleFiles(folder, entries) {
  const isKoffi = /koffi/.test(folder)
  const runs = entries.filter(
    ({ path, kind }) =>
      kind === 'file' &&
      (LICENCE.test(path) || !(NOT_RUN.test(path) || (isKoffi && NOT_RUN_OF_KOFFI.test(path)))),
  )
  return runs.map((entry) => imageFile(entry, `usr/lib/${folder}/${entry.path}`))
}

/**
 * hivetap as npm packs it. Its command names its interpreter by its path: there is no env here.
 *
 * @param {readonly TarEntry[]} entries
 * @returns {ImageFile[]}
 */
export function hivetapFiles(entries) {
  const command = named(entries, 'bin/hivetap.js')
  const [first, ...rest] = command.content.toString('utf8').split('\n')
  if (first !== '#!/usr/bin/env node') throw new Error(`bin/hivetap.js begins with ${first}`)
  return [
    ...entries
      .filter(({ path, kind }) => kind === 'file' && path !== command.path)
      .map((entry) => imageFile(entry, `${MODULES}/hivetap/${entry.path}`)),
    textFile(`${MODULES}/hivetap/bin/hivetap.js`, ['#!/usr/bin/node', ...rest].join('\n'), 0o755),
    {
      path: 'usr/bin/hivetap',
      kind: 'symlink',
      mode: 0o777,
      target: '../lib/node_modules/hivetap/bin/hivetap.js',
    },
  ]
}

/**
 * @param {string} path
 * @param {string} text
 * @param {number} [mode]
 * @returns {ImageFile}
 */
export function textFile(path, text, mode = 0o644) {
  return { path, kind: 'file', mode, content: Buffer.from(text) }
}

/**
 * @param {string} path
 * @param {number} [mode]
 * @returns {ImageFile}
 */
function directory(path, mode = 0o755) {
  return { path, kind: 'directory', mode }
}

/**
 * @param {TarEntry} entry
 * @param {string} path
 * @returns {ImageFile}
 */
function imageFile({ kind, mode, target, content }, path) {
  if (kind === 'symlink') return { path, kind, mode: 0o777, target }
  if (kind !== 'file') throw new Error(`${path} is a ${kind}, which an image of ours does not hold`)
  // Of what may be run, all may run it; nobody may write.
  return { path, kind, mode: (mode & 0o111) === 0 ? 0o644 : 0o755, content }
}

/**
 * @param {readonly TarEntry[]} entries
 * @param {string} path
 */
function named(entries, path) {
  const entry = entries.find((each) => each.path === path && each.kind === 'file')
  if (entry === undefined) throw new Error(`The package has no ${path}`)
  return entry
}
