// @ts-check
/**
 * @typedef {object} TarEntry
 * @property {string} path without `./` in front
 * @property {'file' | 'directory' | 'symlink' | 'hardlink'} kind
 * @property {number} mode
 * @property {string} target of a link; empty for what is none
 * @property {Buffer} content
 */

const BLOCK = 512

/**
 * What is in a tar file: ustar, with the long names of GNU and of pax. Devices and pipes are left out.
 *
 * @param {Buffer} bytes
 * @returns {TarEntry[]}
 * @throws if it ends in the middle of an entry, or is none
 */
export function readTar(bytes) {
  /** @type {TarEntry[]} */
  const entries = []
  /** @type {{ path?: string, linkpath?: string }} */
  let next = {}
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK)
    if (header.every((byte) => byte === 0)) break
    if (number(header, 148, 8) !== checksum(header))
      throw new Error(`This is no tar file: the header at byte ${at} has another checksum`)
    const size = number(header, 124, 12)
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size)
    if (content.length < size) throw new Error(`The tar file ends within the entry at byte ${at}`)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
    const type = String.fromCharCode(header[156] ?? 0)
    if (type === 'L') next = { ...next, path: text(content, 0, size) }
    else if (type === 'K') next = { ...next, linkpath: text(content, 0, size) }
    else if (type === 'x') next = { ...next, ...paxOf(content) }
    else {
      const kind = KINDS.get(type)
      const path = (next.path ?? nameOf(header)).replace(/^(\.?\/)+|\/+$/g, '')
      const target = next.linkpath ?? text(header, 157, 100)
      next = {}
      if (kind !== undefined && path !== '')
        entries.push({ path, kind, mode: number(header, 100, 8) & 0o7777, target, content })
    }
  }
  return entries
}

/** @type {ReadonlyMap<string, TarEntry['kind']>} */
const KINDS = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['5', 'directory'],
])

/**
 * The sum of a header's bytes, with spaces where the sum itself stands.
 *
 * @param {Buffer} header
 */
export function checksum(header) {
  let sum = 8 * 0x20
  for (let index = 0; index < BLOCK; index++) if (index < 148 || index >= 156) sum += header[index] ?? 0
  return sum
}

/** @param {Buffer} header */
function nameOf(header) {
  const prefix = text(header, 257, 6) === 'ustar' ? text(header, 345, 155) : ''
  const name = text(header, 0, 100)
  return prefix === '' ? name : `${prefix}/${name}`
}

/**
 * @param {Buffer} bytes
 * @param {number} from
 * @param {number} length
 */
function text(bytes, from, length) {
  const part = bytes.subarray(from, from + length)
  const end = part.indexOf(0)
  return part.toString('utf8', 0, end < 0 ? part.length : end)
}

/**
 * @param {Buffer} header
 * @param {number} from
 * @param {number} length
 */
function number(header, from, length) {
  return Number.parseInt(text(header, from, length).trim() || '0', 8)
}

/**
 * The keys of a pax header that say names: `LENGTH KEY=VALUE\n`, the length in bytes and with itself.
 *
 * @param {Buffer} content
 */
function paxOf(content) {
  /** @type {{ path?: string, linkpath?: string }} */
  const found = {}
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const length = Number.parseInt(content.toString('latin1', at, space), 10)
    if (space < 0 || !(length > 0)) throw new Error('The tar file has a pax header that is malformed')
    const line = content.toString('utf8', space + 1, at + length - 1)
    const equals = line.indexOf('=')
    const key = line.slice(0, equals)
    if (key === 'path' || key === 'linkpath') found[key] = line.slice(equals + 1)
    at += length
  }
  return found
}
