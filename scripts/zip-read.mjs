// @ts-check
import { inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const ENTRY = 0x02014b50

/**
 * One file of a zip archive, found by its list at the end, as archives with lengths behind their data need.
 *
 * @param {Buffer} bytes
 * @param {string} name
 * @returns {Buffer}
 * @throws if it is not there, or packed otherwise than by deflate
 */
export function readZipped(bytes, name) {
  let end = bytes.length - 22
  while (end >= 0 && bytes.readUInt32LE(end) !== END) end--
  if (end < 0) throw new Error('This is no zip archive: it has no list at its end')
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== ENTRY) throw new Error(`The zip archive’s list is broken at byte ${at}`)
    const nameLength = bytes.readUInt16LE(at + 28)
    if (bytes.toString('utf8', at + 46, at + 46 + nameLength) === name) return content(bytes, at)
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  throw new Error(`The zip archive has no ${name}`)
}

/**
 * @param {Buffer} bytes
 * @param {number} entry where the list tells of it
 */
function content(bytes, entry) {
  const method = bytes.readUInt16LE(entry + 10)
  const header = bytes.readUInt32LE(entry + 42)
  const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28)
  const packed = bytes.subarray(from, from + bytes.readUInt32LE(entry + 20))
  if (method === 0) return packed
  if (method === 8) return inflateRawSync(packed)
  throw new Error(`The zip archive packs by method ${method}, which nobody here knows`)
}
