import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addInt, addStruct } from '../../../../test/support/types.js'
import { BtfBuilder } from './btf-builder.js'
import type { BtfMember, BtfTypeId } from './btf-type.js'
import { camelCase } from './names.js'
import { valueCodec } from './value-codec.js'

/** A C type: how it is declared, what its values are, and how a value stands in memory, written from C's rules. */
interface Shape {
  readonly size: number
  readonly declare: (btf: BtfBuilder) => BtfTypeId
  readonly values: fc.Arbitrary<unknown>
  readonly put: (bytes: Buffer, at: number, value: unknown) => void
}

function integer(size: 1 | 2 | 4 | 8, signed: boolean): Shape {
  const bits = BigInt(size * 8)
  const [min, max] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n]
  return {
    size,
    declare: (btf) => addInt(btf, `${signed ? 's' : 'u'}${bits}`, size, signed),
    values: fc.bigInt({ min, max }).map((value) => (size === 8 ? value : Number(value))),
    put: (bytes, at, value) => {
      const wide = BigInt(value as number | bigint)
      for (let index = 0; index < size; index++)
        bytes[at + index] = Number((wide >> BigInt(index * 8)) & 0xffn)
    },
  }
}

const bool: Shape = {
  size: 1,
  declare: (btf) =>
    btf.add({
      kind: 'int',
      name: '_Bool',
      size: 1,
      bits: 8,
      bitOffset: 0,
      signed: false,
      char: false,
      bool: true,
    }),
  values: fc.boolean(),
  put: (bytes, at, value) => {
    bytes[at] = value === true ? 1 : 0
  },
}

const pointer: Shape = { ...integer(8, false), declare: (btf) => btf.add({ kind: 'ptr', type: 0 }) }

function text(size: number): Shape {
  return {
    size,
    declare: (btf) => {
      const index = addInt(btf, '__ARRAY_SIZE_TYPE__', 4)
      return btf.add({ kind: 'array', element: addInt(btf, 'char', 1, true), index, length: size })
    },
    values: fc
      .string({ unit: 'grapheme', maxLength: size })
      .filter((value) => !value.includes('\0') && Buffer.byteLength(value) <= size),
    put: (bytes, at, value) => bytes.write(value as string, at),
  }
}

function bytesOf(size: number): Shape {
  return {
    size,
    declare: (btf) => {
      const index = addInt(btf, '__ARRAY_SIZE_TYPE__', 4)
      return btf.add({ kind: 'array', element: addInt(btf, 'unsigned char', 1), index, length: size })
    },
    values: fc.uint8Array({ minLength: size, maxLength: size }),
    put: (bytes, at, value) => bytes.set(value as Uint8Array, at),
  }
}

/** An enum of four names; its values are far apart, and some negative where it has a sign. */
function enumeration(size: 1 | 4 | 8, signed: boolean): Shape {
  const names = ['KIND_FIRST', 'KIND_SECOND', 'OTHER', 'KIND_LAST']
  const numbers = signed ? [-2n, 0n, 5n, 100n] : [0n, 1n, 5n, size === 8 ? 1n << 60n : 200n]
  const labels = ['first', 'second', 'other', 'last']
  const number = integer(size, signed)
  return {
    size,
    declare: (btf) =>
      btf.add({
        kind: size === 8 ? 'enum64' : 'enum',
        name: 'kind',
        size,
        signed,
        enumerators: names.map((name, index) => ({ name, value: numbers[index] ?? 0n })),
      }),
    // What has no name is a number in text.
    values: fc.oneof(fc.constantFrom(...labels), fc.constantFrom('7', '99', ...(signed ? ['-9'] : []))),
    put: (bytes, at, value) => {
      const index = labels.indexOf(value as string)
      number.put(bytes, at, index < 0 ? BigInt(value as string) : numbers[index])
    },
  }
}

function array(element: Shape, length: number): Shape {
  return {
    size: element.size * length,
    declare: (btf) => {
      const index = addInt(btf, '__ARRAY_SIZE_TYPE__', 4)
      return btf.add({ kind: 'array', element: element.declare(btf), index, length })
    },
    values: fc.array(element.values, { minLength: length, maxLength: length }),
    put: (bytes, at, value) => {
      for (const [index, item] of (value as unknown[]).entries())
        element.put(bytes, at + index * element.size, item)
    },
  }
}

/** A struct: fields one behind the other, with gaps. */
function struct(parts: readonly { readonly shape: Shape; readonly gap: number }[]): Shape {
  let end = 0
  const fields = parts.map(({ shape, gap }, index) => {
    const at = end + gap
    end = at + shape.size
    return { name: `field_${index}`, shape, at }
  })
  const size = end + 3
  return {
    size,
    declare: (btf) => {
      const members = fields.map(
        ({ name, shape, at }): BtfMember => ({
          name,
          type: shape.declare(btf),
          bitOffset: at * 8,
          bitfieldSize: 0,
        }),
      )
      return btf.add({ kind: 'typedef', name: 'alias', type: addStruct(btf, 'record', size, members) })
    },
    values: fc.record(Object.fromEntries(fields.map(({ name, shape }) => [camelCase(name), shape.values])), {
      noNullPrototype: true,
    }),
    put: (bytes, at, value) => {
      for (const field of fields)
        field.shape.put(bytes, at + field.at, Reflect.get(value as object, camelCase(field.name)))
    },
  }
}

const leaf = fc.oneof(
  fc
    .tuple(fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const), fc.boolean())
    .map(([size, signed]) => integer(size, signed)),
  fc.constant(bool),
  fc.constant(pointer),
  fc.integer({ min: 1, max: 20 }).map(text),
  fc.integer({ min: 1, max: 20 }).map(bytesOf),
  fc.tuple(fc.constantFrom(1 as const, 4 as const, 8 as const), fc.boolean()).map(([size, signed]) =>
    // A byte has no room for a negative value and for 200.
    enumeration(size, signed && size !== 1),
  ),
)

const shapes: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    // Arrays of what is one byte are text or bytes, and stand for themselves.
    fc
      .tuple(
        tie('shape').filter(({ size }) => size > 1),
        fc.integer({ min: 1, max: 4 }),
      )
      .map(([element, length]) => array(element, length)),
    fc.array(fc.record({ shape: tie('shape'), gap: fc.nat(3) }), { minLength: 1, maxLength: 5 }).map(struct),
  ),
})).shape

describe('the codec of a C type', () => {
  it('writes a value as C has it in memory, and reads it back', () => {
    fc.assert(
      fc.property(
        shapes.chain((shape) => fc.tuple(fc.constant(shape), shape.values)),
        fc.nat(8),
        ([shape, value], at) => {
          const btf = new BtfBuilder()
          const id = shape.declare(btf)
          const codec = valueCodec(btf.build(), id)
          expect(codec.size).toBe(shape.size)

          const expected = Buffer.alloc(at + shape.size + 8)
          shape.put(expected, at, value)
          const written = Buffer.alloc(at + shape.size + 8)
          codec.write(new DataView(written.buffer, written.byteOffset, written.length), at, value)
          expect(written).toEqual(expected)
          expect(codec.read(new DataView(expected.buffer, expected.byteOffset), at)).toEqual(value)
        },
      ),
      { numRuns: 400 },
    )
  })
})
