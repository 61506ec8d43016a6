import { InvalidSpecError } from '../errors.js'
import { type Btf, describeBtfType } from './btf.js'
import type { BtfComposite, BtfTypeId } from './btf-type.js'
import { FieldTagIndex } from './field-tags.js'
import { camelCase, enumeratorLabel } from './names.js'

/** Reads values of one type, which all take as many bytes. */
export interface Decoder<T> {
  /** Bytes that a value takes. */
  readonly size: number
  /** The value at `offset`. `view` must hold `size` bytes from there. */
  read(view: DataView, offset: number): T
}

/** Reads and writes values of one type in a buffer: a map's key or value, a record. */
export interface Codec<T> extends Decoder<T> {
  /** Puts a value at `offset`; padding is left as it is. */
  write(view: DataView, offset: number, value: T): void
}

/** Bytes as they are. */
export function bytesCodec(size: number): Codec<Uint8Array> {
  return {
    size,
    read: (view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset, size).slice(),
    write: (view, offset, value) => {
      if (value.byteLength !== size)
        throw new InvalidSpecError(`Cannot write ${value.byteLength} bytes where ${size} belong`)
      new Uint8Array(view.buffer, view.byteOffset + offset, size).set(value)
    },
  }
}

const MAX_DEPTH = 32
/** Far beyond any key, value or constant; keeps a hostile length from taking the memory. */
const MAX_SIZE = 64 << 20

/**
 * The codec of a C type, from its BTF.
 *
 * Integers up to 32 bits are numbers, 64-bit ones bigints (numbers where a field is tagged so), `bool` is boolean, enums
 * are their labels, `char` arrays strings up to the first NUL, structs objects with camelCase names; pointers are
 * bigints. Unions and bit fields are bytes and left out.
 *
 * @throws {InvalidSpecError} for types that hold no value, are too large, nested without end, or whose members overlap
 */
export function valueCodec(btf: Btf, id: BtfTypeId): Codec<unknown> {
  return buildCodec(btf, id, { tags: tagsOf(btf), structs: new Map() }, false, 0)
}

/** Of each BTF that codecs were made of: an object's constants take one each. */
const tagIndexes = new WeakMap<Btf, FieldTagIndex>()

function tagsOf(btf: Btf): FieldTagIndex {
  let tags = tagIndexes.get(btf)
  if (tags === undefined) {
    tags = new FieldTagIndex(btf)
    tagIndexes.set(btf, tags)
  }
  return tags
}

/** What is kept while a codec is made. */
interface Building {
  readonly tags: FieldTagIndex
  /** A struct's codec is made once, however often it occurs. */
  readonly structs: Map<BtfTypeId, Codec<unknown>>
}

function buildCodec(
  btf: Btf,
  id: BtfTypeId,
  building: Building,
  asNumber: boolean,
  depth: number,
): Codec<unknown> {
  const fail = (why: string) =>
    new InvalidSpecError(`Cannot make a codec for ${describeBtfType(btf, id)}: ${why}`)
  if (depth > MAX_DEPTH) throw fail('it is nested too deep')
  const { id: resolved, type } = btf.resolve(id)
  if (type.kind === 'void' || type.kind === 'fwd' || type.kind === 'func' || type.kind === 'func_proto')
    throw fail(`a ${type.kind} holds no value`)
  const size = btf.sizeOf(resolved)
  if (size > MAX_SIZE) throw fail(`it takes ${size} bytes, more than ${MAX_SIZE}`)
  switch (type.kind) {
    case 'int':
      if (type.bool && size === 1) return booleanCodec
      return integerCodec(size, type.signed, asNumber) ?? bytesAsUnknown(size)
    case 'ptr':
      return integerCodec(8, false, false) ?? bytesAsUnknown(size)
    case 'enum':
    case 'enum64':
      return enumCodec(
        size,
        type.signed,
        type.enumerators.map(({ name, value }) => ({ label: enumeratorLabel(type.name, name), value })),
      )
    case 'array': {
      const { type: element } = btf.resolve(type.element)
      if (element.kind === 'int' && element.size === 1 && isText(btf, type.element)) return textCodec(size)
      // Bytes; and what takes no room, of which there may be any number.
      if ((element.kind === 'int' && element.size === 1) || size === 0) return bytesAsUnknown(size)
      return arrayCodec(buildCodec(btf, type.element, building, asNumber, depth + 1), type.length)
    }
    case 'struct': {
      const known = building.structs.get(resolved)
      if (known !== undefined) return known
      const members = valueMembers(btf, type)
      // Disjoint members bound what reading costs by the size.
      let end = 0
      for (const member of members) {
        if (member.offset < end || member.offset + member.size > size)
          throw fail(`its member ${member.name} overlaps another, or ends past it`)
        end = member.offset + member.size
      }
      const fields = members.map(({ index, name, offset, type: id }) => {
        const { asNumber } = building.tags.of(resolved, index)
        return { name: camelCase(name), offset, codec: buildCodec(btf, id, building, asNumber, depth + 1) }
      })
      const codec = structCodec(size, fields)
      building.structs.set(resolved, codec)
      return codec
    }
    default:
      return bytesAsUnknown(size)
  }
}

/** The members that have a place of their own: no unions, no bit fields, nothing that takes no room. */
function valueMembers(btf: Btf, struct: BtfComposite) {
  return struct.members.flatMap((member, index) => {
    if (member.name === '' || member.bitfieldSize !== 0 || member.bitOffset % 8 !== 0) return []
    if (btf.resolve(member.type).type.kind === 'union') return []
    const size = btf.sizeOf(member.type)
    if (size === 0) return []
    return [{ index, name: member.name, type: member.type, offset: member.bitOffset / 8, size }]
  })
}

/** `char` is text; `__u8` and `unsigned char` are bytes. Compilers mark neither, so the name decides. */
function isText(btf: Btf, id: BtfTypeId): boolean {
  const { type } = btf.resolve(id)
  return type.kind === 'int' && (type.char || type.name === 'char')
}

function bytesAsUnknown(size: number): Codec<unknown> {
  const codec = bytesCodec(size)
  return {
    size,
    read: codec.read,
    write: (view, offset, value) => codec.write(view, offset, expectBytes(value)),
  }
}

/** A value as a message names it: of what has no short form, its type. */
function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : typeof value
}

function expectBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new InvalidSpecError(`Cannot write ${describeValue(value)} where bytes belong`)
}

const booleanCodec: Codec<unknown> = {
  size: 1,
  read: (view, offset) => view.getUint8(offset) !== 0,
  write: (view, offset, value) => {
    if (typeof value !== 'boolean')
      throw new InvalidSpecError(`Cannot write ${describeValue(value)} where true or false belongs`)
    view.setUint8(offset, value ? 1 : 0)
  },
}

function integerCodec(size: number, signed: boolean, asNumber: boolean): Codec<unknown> | undefined {
  const bits = size * 8
  const write = (view: DataView, offset: number, value: unknown) => {
    const wide = toBigInt(value)
    const [least, most] = signed
      ? [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n]
      : [0n, (1n << BigInt(bits)) - 1n]
    if (wide < least || wide > most)
      throw new InvalidSpecError(
        `Cannot write ${wide}: ${signed ? 's' : 'u'}${bits} holds ${least} to ${most}`,
      )
    writeInteger(view, offset, size, wide)
  }
  switch (size) {
    case 1:
      return { size, write, read: (view, offset) => (signed ? view.getInt8(offset) : view.getUint8(offset)) }
    case 2:
      return {
        size,
        write,
        read: (view, offset) => (signed ? view.getInt16(offset, true) : view.getUint16(offset, true)),
      }
    case 4:
      return {
        size,
        write,
        read: (view, offset) => (signed ? view.getInt32(offset, true) : view.getUint32(offset, true)),
      }
    case 8:
      return {
        size,
        write,
        read: (view, offset) => {
          const value = signed ? view.getBigInt64(offset, true) : view.getBigUint64(offset, true)
          return asNumber ? Number(value) : value
        },
      }
    default:
      return undefined
  }
}

function toBigInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw new InvalidSpecError(`Cannot write ${describeValue(value)} where an integer belongs`)
}

function writeInteger(view: DataView, offset: number, size: number, value: bigint): void {
  if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, value), true)
  else if (size === 4) view.setUint32(offset, Number(BigInt.asUintN(32, value)), true)
  else if (size === 2) view.setUint16(offset, Number(BigInt.asUintN(16, value)), true)
  else view.setUint8(offset, Number(BigInt.asUintN(8, value)))
}

function enumCodec(
  size: number,
  signed: boolean,
  entries: readonly { label: string; value: bigint }[],
): Codec<unknown> {
  const integer = integerCodec(size, signed, false)
  if (integer === undefined) return bytesAsUnknown(size)
  const labels = new Map(entries.map(({ label, value }) => [value, label]))
  const values = new Map(entries.map(({ label, value }) => [label, value]))
  return {
    size,
    // A value that the object does not name is given, and taken, as its number in text.
    read: (view, offset) => {
      const value = BigInt(integer.read(view, offset) as number | bigint)
      return labels.get(value) ?? String(value)
    },
    write: (view, offset, value) => {
      const wanted = typeof value === 'string' ? (values.get(value) ?? numberInText(value)) : value
      if (wanted === undefined)
        throw new InvalidSpecError(
          `Cannot write ${describeValue(value)}: it is none of ${[...values.keys()].join(', ')}`,
        )
      integer.write(view, offset, wanted)
    },
  }
}

function numberInText(text: string): bigint | undefined {
  return /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined
}

// A mark of byte order in front is a character like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

function textCodec(size: number): Codec<unknown> {
  return {
    size,
    read: (view, offset) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, size)
      const end = bytes.indexOf(0)
      return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
    },
    write: (view, offset, value) => {
      if (typeof value !== 'string')
        throw new InvalidSpecError(`Cannot write ${describeValue(value)} where text belongs`)
      if (value.includes('\0'))
        throw new InvalidSpecError(`Cannot write ${JSON.stringify(value)}: the NUL in it would end it`)
      const bytes = encoder.encode(value)
      if (bytes.byteLength > size)
        throw new InvalidSpecError(`Cannot write ${JSON.stringify(value)}: it is longer than ${size} bytes`)
      const place = new Uint8Array(view.buffer, view.byteOffset + offset, size)
      place.fill(0)
      place.set(bytes)
    },
  }
}

function arrayCodec(element: Codec<unknown>, length: number): Codec<unknown> {
  return {
    size: element.size * length,
    read: (view, offset) =>
      Array.from({ length }, (_, index) => element.read(view, offset + index * element.size)),
    write: (view, offset, value) => {
      if (!Array.isArray(value) || value.length > length)
        throw new InvalidSpecError(`Cannot write an array of more than ${length} elements`)
      // What is not given is zero.
      new Uint8Array(view.buffer, view.byteOffset + offset, element.size * length).fill(0)
      for (const [index, item] of value.entries()) element.write(view, offset + index * element.size, item)
    },
  }
}

interface Field {
  readonly name: string
  readonly offset: number
  readonly codec: Codec<unknown>
}

function structCodec(size: number, fields: readonly Field[]): Codec<unknown> {
  return {
    size,
    read: (view, offset) =>
      Object.fromEntries(fields.map((field) => [field.name, field.codec.read(view, offset + field.offset)])),
    write: (view, offset, value) => {
      if (typeof value !== 'object' || value === null)
        throw new InvalidSpecError(`Cannot write ${describeValue(value)} where a struct belongs`)
      for (const field of fields) {
        const part: unknown = Reflect.get(value, field.name)
        if (part === undefined) throw new InvalidSpecError(`Cannot write a struct without ${field.name}`)
        field.codec.write(view, offset + field.offset, part)
      }
    },
  }
}
