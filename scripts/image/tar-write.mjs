// @ts-check
import { checksum } from './tar-read.mjs'

/**
 * A file, a folder or a symbolic link of an image.
 *
 * @typedef {object} ImageFile
 * @property {string} path without a slash in front
 * @property {'file' | 'directory' | 'symlink'} kind
 * @property {number} mode
 * @property {string} [target] of a link
 * @property {Buffer} [content] of a file
 */

const BLOCK = 512
const EMPTY = Buffer.alloc(0)

/**
 * A tar file of them, in the order of their paths, which depends on nothing else: all are root's, of one time, and have no
 * names of users. Folders on the way to a file are added.
 *
 * @param {readonly ImageFile[]} files
 * @param {number} [mtime] seconds since 1970
 * @throws if two have one path, or a path is too long
 */
export function writeTar(files, mtime = 0) {
  /** @type {Map<string, ImageFile>} */
  const all = new Map()
  for (const file of files) {
    const before = all.get(file.path)
    if (before !== undefined && (before.kind !== 'directory' || file.kind !== 'directory'))
      throw new Error(`The image has ${file.path} twice`)
    all.set(file.path, file)
  }
  for (const { path } of files)
    for (const folder of foldersOf(path))
      if (!all.has(folder)) all.set(folder, { path: folder, kind: 'directory', mode: 0o755 })
  const paths = [...all.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const parts = paths.flatMap((path) => entry(/** @type {ImageFile} */ (all.get(path)), mtime))
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

/**
 * The folders that a path is in, the outermost first.
 *
 * @param {string} path
 */
function foldersOf(path) {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/**
 * @param {ImageFile} file
 * @param {number} mtime
 */
function entry({ path, kind, mode, target = '', content = EMPTY }, mtime) {
  const header = Buffer.alloc(BLOCK)
  const { prefix, name } = split(kind === 'directory' ? `${path}/` : path)
  if (Buffer.byteLength(target) > 100) throw new Error(`The link ${path} leads too far for a tar file`)
  header.write(name, 0)
  header.write(octal(mode, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(content.length, 12), 124)
  header.write(octal(mtime, 12), 136)
  header.write(kind === 'file' ? '0' : kind === 'symlink' ? '2' : '5', 156)
  header.write(target, 157)
  header.write('ustar\x0000', 257)
  header.write(octal(0, 8), 329)
  header.write(octal(0, 8), 337)
  header.write(prefix, 345)
  header.write(octal(checksum(header), 7), 148)
  header.write(' ', 155)
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]
}

/**
 * @param {number} value
 * @param {number} length with the byte that ends it
 */
function octal(value, length) {
  return `${value.toString(8).padStart(length - 1, '0')}\0`
}

/**
 * A path, cut where its last part fits the field for names.
 *
 * @param {string} path
 */
function split(path) {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path }
  for (let at = path.indexOf('/'); at > 0 && at < path.length - 1; at = path.indexOf('/', at + 1)) {
    const prefix = path.slice(0, at)
    const name = path.slice(at + 1)
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { prefix, name }
  }
  throw new Error(`The path is too long for a tar file: ${path}`)
}
