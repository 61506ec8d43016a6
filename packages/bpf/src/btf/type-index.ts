import { MalformedBtfError } from '../errors.js'

/** Bytes that follow the 12 of a type's record, and those that follow for each of its `vlen` parts, by kind number. */
const EXTRA_BYTES = [0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0]
const PART_BYTES = [0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12]

/** Where the records of types begin, and where their names stand, in the order of their numbers. */
export interface TypeIndex {
  readonly count: number
  /** Offsets of the records in the bytes; longer than `count`. */
  readonly offsets: Uint32Array
  /** Offsets of the names in the string table; longer than `count`. */
  readonly names: Uint32Array
}

/**
 * Finds where each type's record begins. Hot: it walks three megabytes when a program starts, before any of it is
 * compiled; elements of typed arrays are read fastest then.
 *
 * @throws {MalformedBtfError} if a record is cut off, or of a kind that is not known
 */
export function indexTypes(bytes: Uint8Array, start: number, size: number): TypeIndex {
  const words = wordsOf(bytes, start, size)
  const end = words.length
  // A record is at least three words; in a kernel's BTF the mean is some five.
  let room = Math.max(16, Math.ceil(end / 5))
  let offsets = new Uint32Array(room)
  let names = new Uint32Array(room)
  let count = 0
  for (let at = 0; at < end; count++) {
    if (at + 3 > end) throw cutOff(count)
    if (count === room) {
      room = Math.ceil(end / 3)
      offsets = larger(offsets, room)
      names = larger(names, room)
    }
    offsets[count] = start + at * 4
    names[count] = words[at] as number
    const info = words[at + 1] as number
    const kind = (info >>> 24) & 0x1f
    const extra = EXTRA_BYTES[kind]
    if (extra === undefined || kind === 0)
      throw new MalformedBtfError(`Cannot read BTF: type ${count + 1} is of the unknown kind ${kind}`)
    at += 3 + (extra + (PART_BYTES[kind] as number) * (info & 0xffff)) / 4
    if (at > end) throw cutOff(count)
  }
  if (size % 4 !== 0) throw cutOff(count)
  return { count, offsets, names }
}

/** The 32-bit words of a part of the bytes: a view where they are aligned, else a copy. */
function wordsOf(bytes: Uint8Array, start: number, size: number): Uint32Array {
  const at = bytes.byteOffset + start
  const whole = size - (size % 4)
  if (at % 4 === 0) return new Uint32Array(bytes.buffer, at, whole / 4)
  return new Uint32Array(bytes.slice(start, start + whole).buffer)
}

function larger(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length)
  copy.set(array)
  return copy
}

function cutOff(count: number): MalformedBtfError {
  return new MalformedBtfError(`Cannot read BTF: type ${count + 1} is cut off`)
}
