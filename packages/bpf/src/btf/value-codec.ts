import { InvalidSpecError } from '../errors.js'
import { type Btf, describeBtfType } from './btf.js'
import type { BtfTypeId } from './btf-type.js'
import { FieldTagIndex } from './field-tags.js'
import { camelCase, enumeratorLabel } from './names.js'

/** Reads and writes values of one type in a buffer: a map's key or value, a record. */
export interface Codec<T> {
  /** Bytes that a value takes. */
  readonly size: number
  /** The value at `offset`. `view` must hold `size` bytes from there. */
  read(view: DataView, offset: number): T
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

/**
 * The codec of a C type, from its BTF.
 *
 * Integers up to 32 bits are numbers, 64-bit ones bigints (numbers where a field is tagged so), `bool` is boolean, enums
 * are their labels, `char` arrays strings up to the first NUL, structs objects with camelCase names; pointers are
 * bigints. Unions and bit fields are bytes and left out.
 *
 * @throws {InvalidSpecError} for types that hold no value, or are nested without end
 */
export function valueCodec(btf: Btf, id: BtfTypeId): Codec<unknown> {
  return buildCodec(btf, id, new FieldTagIndex(btf), false, 0)
}

function buildCodec(
  btf: Btf,
  id: BtfTypeId,
  tags: FieldTagIndex,
  asNumber: boolean,
  depth: number,
): Codec<unknown> {
  if (depth > MAX_DEPTH)
    throw new InvalidSpecError(`Cannot make a codec for ${describeBtfType(btf, id)}: it is nested too deep`)
  const { id: resolved, type } = btf.resolve(id)
  const size = btf.sizeOf(resolved)
  switch (type.kind) {
    case 'int':
      return type.bool ? booleanCodec : (integerCodec(size, type.signed, asNumber) ?? bytesAsUnknown(size))
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
      if (element.kind === 'int' && element.size === 1) return bytesAsUnknown(size)
      return arrayCodec(buildCodec(btf, type.element, tags, asNumber, depth + 1), type.length)
    }
    case 'struct':
      return structCodec(
        size,
        type.members.flatMap((member, index) => {
          if (member.name === '' || member.bitfieldSize !== 0 || member.bitOffset % 8 !== 0) return []
          if (btf.resolve(member.type).type.kind === 'union') return []
          const codec = buildCodec(btf, member.type, tags, tags.of(resolved, index).asNumber, depth + 1)
          return [{ name: camelCase(member.name), offset: member.bitOffset / 8, codec }]
        }),
      )
    default:
      return bytesAsUnknown(size)
  }
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

function expectBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new InvalidSpecError(`Cannot write ${typeof value} where bytes belong`)
}

const booleanCodec: Codec<unknown> = {
  size: 1,
  read: (view, offset) => view.getUint8(offset) !== 0,
  write: (view, offset, value) => view.setUint8(offset, value ? 1 : 0),
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
  throw new InvalidSpecError(`Cannot write ${String(value)} where an integer belongs`)
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
  const integer = integerCodec(size, signed, true)
  if (integer === undefined) return bytesAsUnknown(size)
  const labels = new Map(entries.map(({ label, value }) => [Number(value), label]))
  const values = new Map(entries.map(({ label, value }) => [label, value]))
  return {
    size,
    // A value that the object does not name is given as its number, in text.
    read: (view, offset) => {
      const value = integer.read(view, offset) as number
      return labels.get(value) ?? String(value)
    },
    write: (view, offset, value) => {
      const wanted = typeof value === 'string' ? values.get(value) : value
      if (wanted === undefined)
        throw new InvalidSpecError(
          `Cannot write ${JSON.stringify(value)}: it is none of ${[...values.keys()].join(', ')}`,
        )
      integer.write(view, offset, wanted)
    },
  }
}

const decoder = new TextDecoder()
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
      const bytes = encoder.encode(String(value))
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
        throw new InvalidSpecError(`Cannot write ${typeof value} where a struct belongs`)
      for (const field of fields) {
        const part: unknown = Reflect.get(value, field.name)
        if (part === undefined) throw new InvalidSpecError(`Cannot write a struct without ${field.name}`)
        field.codec.write(view, offset + field.offset, part)
      }
    },
  }
}
