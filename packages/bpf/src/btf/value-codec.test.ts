import { describe, expect, it } from 'vitest'
import { fixtureObject } from '../../../../test/support/fixtures.js'
import { addInt, addStruct, member } from '../../../../test/support/types.js'
import { InvalidSpecError, MalformedBtfError } from '../errors.js'
import { Btf } from './btf.js'
import { BtfBuilder } from './btf-builder.js'
import type { BtfTypeId } from './btf-type.js'
import { bytesCodec, type Codec, valueCodec } from './value-codec.js'

/** The codec of a type, and what it makes of values. */
function codecOf(declare: (btf: BtfBuilder) => BtfTypeId) {
  const btf = new BtfBuilder()
  const id = declare(btf)
  return valueCodec(btf.build(), id)
}

function written<T>(codec: Codec<T>, value: T): string {
  const bytes = Buffer.alloc(codec.size)
  codec.write(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, value)
  return bytes.toString('hex')
}

function read<T>(codec: Codec<T>, hex: string): T {
  const bytes = Buffer.from(hex, 'hex')
  return codec.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0)
}

const arrayOf = (btf: BtfBuilder, element: BtfTypeId, length: number) =>
  btf.add({ kind: 'array', element, index: addInt(btf, '__ARRAY_SIZE_TYPE__', 4), length })
const char = (btf: BtfBuilder) => addInt(btf, 'char', 1, true)
const bool = (btf: BtfBuilder) =>
  btf.add({
    kind: 'int',
    name: '_Bool',
    size: 1,
    bits: 8,
    bitOffset: 0,
    signed: false,
    char: false,
    bool: true,
  })
const mode = (btf: BtfBuilder) =>
  btf.add({
    kind: 'enum',
    name: 'mode',
    size: 4,
    signed: true,
    enumerators: [
      { name: 'MODE_OFF', value: 0n },
      { name: 'MODE_ON', value: 1n },
    ],
  })

describe('what does not fit is an error', () => {
  it.each<[string, (btf: BtfBuilder) => BtfTypeId, unknown, string]>([
    ['a byte', (btf) => addInt(btf, 'u8', 1), 256, 'Cannot write 256: u8 holds 0 to 255'],
    ['a byte', (btf) => addInt(btf, 'u8', 1), -1, 'Cannot write -1: u8 holds 0 to 255'],
    ['a signed byte', (btf) => addInt(btf, 's8', 1, true), 128, 's8 holds -128 to 127'],
    ['a signed byte', (btf) => addInt(btf, 's8', 1, true), -129n, 's8 holds -128 to 127'],
    ['16 bits', (btf) => addInt(btf, 'u16', 2), 65536, 'u16 holds 0 to 65535'],
    ['32 bits', (btf) => addInt(btf, 's32', 4, true), 2 ** 31, 's32 holds -2147483648 to 2147483647'],
    ['64 bits', (btf) => addInt(btf, 'u64', 8), 1n << 64n, 'u64 holds 0 to 18446744073709551615'],
    ['an integer', (btf) => addInt(btf, 'u32', 4), 1.5, 'Cannot write 1.5 where an integer belongs'],
    ['an integer', (btf) => addInt(btf, 'u64', 8), 2 ** 53, 'where an integer belongs'],
    ['an integer', (btf) => addInt(btf, 'u32', 4), Number.NaN, 'Cannot write NaN where an integer belongs'],
    ['an integer', (btf) => addInt(btf, 'u32', 4), '5', 'Cannot write "5" where an integer belongs'],
    ['an integer', (btf) => addInt(btf, 'u32', 4), null, 'Cannot write object where an integer belongs'],
    ['a pointer', (btf) => btf.add({ kind: 'ptr', type: 0 }), -1n, 'u64 holds 0 to'],
    ['true or false', bool, 1, 'Cannot write 1 where true or false belongs'],
    ['an enum', mode, 'broken', 'Cannot write "broken": it is none of off, on'],
    ['an enum', mode, '4294967296', 'Cannot write 4294967296: s32 holds'],
    ['an enum', mode, undefined, 'Cannot write undefined: it is none of off, on'],
    ['text', (btf) => arrayOf(btf, char(btf), 4), 'hello', 'it is longer than 4 bytes'],
    ['text', (btf) => arrayOf(btf, char(btf), 4), 'größ', 'it is longer than 4 bytes'],
    ['text', (btf) => arrayOf(btf, char(btf), 4), 'a\0b', 'the NUL in it would end it'],
    ['text', (btf) => arrayOf(btf, char(btf), 4), 5, 'Cannot write 5 where text belongs'],
    [
      'bytes',
      (btf) => arrayOf(btf, addInt(btf, 'u8', 1), 4),
      Uint8Array.of(1),
      'Cannot write 1 bytes where 4 belong',
    ],
    [
      'bytes',
      (btf) => arrayOf(btf, addInt(btf, 'u8', 1), 4),
      [1, 2, 3, 4],
      'Cannot write object where bytes belong',
    ],
    [
      'an array',
      (btf) => arrayOf(btf, addInt(btf, 'u16', 2), 2),
      [1, 2, 3],
      'an array of more than 2 elements',
    ],
    ['an array', (btf) => arrayOf(btf, addInt(btf, 'u16', 2), 2), 7, 'an array of more than 2 elements'],
    ['an array', (btf) => arrayOf(btf, addInt(btf, 'u16', 2), 2), [1, -1], 'u16 holds 0 to 65535'],
    [
      'a struct',
      (btf) => addStruct(btf, 's', 4, [member('field_name', addInt(btf, 'u32', 4))]),
      {},
      'Cannot write a struct without fieldName',
    ],
    [
      'a struct',
      (btf) => addStruct(btf, 's', 4, [member('a', addInt(btf, 'u32', 4))]),
      'a',
      'Cannot write "a" where a struct belongs',
    ],
    ['a struct', (btf) => addStruct(btf, 's', 4, []), null, 'Cannot write object where a struct belongs'],
  ])('for %s (%#)', (_, declare, value, message) => {
    const codec = codecOf(declare)
    expect(() => written(codec, value)).toThrow(InvalidSpecError)
    expect(() => written(codec, value)).toThrow(message)
  })
})

describe('a codec', () => {
  it('takes a boolean for an integer, and an enum’s number for its name', () => {
    expect(
      written(
        codecOf((btf) => addInt(btf, 'u16', 2)),
        true,
      ),
    ).toBe('0100')
    expect(
      written(
        codecOf((btf) => addInt(btf, 'u16', 2)),
        false,
      ),
    ).toBe('0000')
    expect(written(codecOf(mode), -3)).toBe('fdffffff')
    expect(written(codecOf(mode), 'on')).toBe('01000000')
  })

  it('gives text up to its first NUL, and what is not UTF-8 as U+FFFD', () => {
    const text = codecOf((btf) => arrayOf(btf, char(btf), 6))
    expect(read(text, '616200636465')).toBe('ab')
    expect(read(text, '616263646566')).toBe('abcdef')
    expect(read(text, 'ff6100000000')).toBe('\ufffda')
    expect(written(text, 'ab')).toBe('616200000000')
  })

  it('gives 64-bit fields that are tagged so as numbers, and takes either', () => {
    const codec = codecOf((btf) => {
      const struct = addStruct(btf, 's', 32, [
        member('plain', addInt(btf, 'u64', 8)),
        member('tagged', addInt(btf, 'u64', 8), 8),
        member('list', arrayOf(btf, addInt(btf, 's64', 8, true), 2), 16),
      ])
      for (const component of [1, 2]) btf.add({ kind: 'decl_tag', name: 'number', type: struct, component })
      return struct
    })
    const hex = '0100000000000000 0200000000000000 ffffffffffffffff 0000000000000080'.replaceAll(' ', '')
    expect(read(codec, hex)).toEqual({ plain: 1n, tagged: 2, list: [-1, -(2 ** 63)] })
    expect(written(codec, { plain: 1, tagged: 2n, list: [-1, -(1n << 63n)] })).toBe(hex)
  })

  it('fills what an array is not given with zeros', () => {
    const codec = codecOf((btf) => arrayOf(btf, addInt(btf, 'u16', 2), 3))
    const bytes = Buffer.alloc(6, 0xff)
    codec.write(new DataView(bytes.buffer, bytes.byteOffset, 6), 0, [1])
    expect(bytes.toString('hex')).toBe('010000000000')
  })

  it('leaves the padding of a struct as it was', () => {
    const codec = codecOf((btf) =>
      addStruct(btf, 's', 8, [member('a', addInt(btf, 'u8', 1)), member('b', addInt(btf, 'u32', 4), 4)]),
    )
    const bytes = Buffer.alloc(8, 0xff)
    codec.write(new DataView(bytes.buffer, bytes.byteOffset, 8), 0, { a: 1, b: 2 })
    expect(bytes.toString('hex')).toBe('01ffffff02000000')
  })

  it('gives as bytes what has no other form: floats, unions, integers of 128 bits, enums of an odd size', () => {
    const float = codecOf((btf) => btf.add({ kind: 'float', name: 'double', size: 8 }))
    expect(read(float, '000000000000f03f')).toEqual(new Uint8Array(Buffer.from('000000000000f03f', 'hex')))
    const union = codecOf((btf) => btf.add({ kind: 'union', name: 'u', size: 2, members: [] }))
    expect(written(union, Uint8Array.of(1, 2))).toBe('0102')
    const wide = codecOf((btf) => addInt(btf, '__int128', 16, true))
    expect(read(wide, '01'.repeat(16))).toEqual(new Uint8Array(16).fill(1))
    const odd = codecOf((btf) =>
      btf.add({ kind: 'enum', name: 'e', size: 3, signed: false, enumerators: [] }),
    )
    expect(read(odd, '010203')).toEqual(Uint8Array.of(1, 2, 3))
    const wideBool = codecOf((btf) =>
      btf.add({
        kind: 'int',
        name: 'b',
        size: 4,
        bits: 32,
        bitOffset: 0,
        signed: false,
        char: false,
        bool: true,
      }),
    )
    expect(read(wideBool, '01000000')).toBe(1)
  })

  it('gives enumerators of 64 bits exactly', () => {
    const codec = codecOf((btf) =>
      btf.add({
        kind: 'enum64',
        name: 'e',
        size: 8,
        signed: false,
        enumerators: [
          { name: 'ALMOST', value: (1n << 64n) - 2n },
          { name: 'MOST', value: (1n << 64n) - 1n },
        ],
      }),
    )
    expect(read(codec, 'feffffffffffffff')).toBe('almost')
    expect(read(codec, 'fdffffffffffffff')).toBe('18446744073709551613')
    expect(written(codec, '18446744073709551613')).toBe('fdffffffffffffff')
  })

  it('leaves out of a struct what has no place of its own: bit fields, unions, the nameless, the empty', () => {
    const spec = fixtureObject('types')
    const btf = spec.btf ?? new Btf(new Uint8Array())
    const codec = valueCodec(btf, btf.find('struct', 'everything')?.id ?? 0)
    const value = codec.read(new DataView(new ArrayBuffer(codec.size)), 0)
    expect(Object.keys(value as object)).toEqual([
      ...['forward', 'forwardUnion', 'pointer', 'user', 'self', 'plain', 'negative', 'small', 'large'],
      ...[
        'largeNegative',
        'count',
        'callback',
        'bits',
        'singlePrecision',
        'doublePrecision',
        'boolean',
        'text',
      ],
      ...['matrix', 'widest'],
    ])
    expect(value).toMatchObject({
      bits: {},
      plain: 'zero',
      negative: '0',
      matrix: [
        [0, 0, 0],
        [0, 0, 0],
      ],
    })
  })

  it('of bytes copies them, both ways', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    const codec = bytesCodec(2)
    const first = codec.read(new DataView(bytes.buffer), 1)
    bytes[1] = 9
    expect([...first]).toEqual([2, 3])
    expect(() => codec.write(new DataView(bytes.buffer), 0, Uint8Array.of(1))).toThrow(InvalidSpecError)
  })
})

describe('types that hold no value have no codec', () => {
  it.each<[string, (btf: BtfBuilder) => BtfTypeId, string]>([
    ['void', () => 0, 'void holds no value'],
    [
      'a forward declaration',
      (btf) => btf.add({ kind: 'fwd', name: 'f', union: false }),
      'a fwd holds no value',
    ],
    [
      'a prototype',
      (btf) => btf.add({ kind: 'func_proto', returns: 0, parameters: [] }),
      'a func_proto holds',
    ],
    ['a function', (btf) => btf.add({ kind: 'func', name: 'f', type: 0, linkage: 'static' }), 'a func holds'],
    [
      'an array larger than any value',
      (btf) => arrayOf(btf, addInt(btf, 'u64', 8), 0x1000_0000),
      'it takes 2147483648 bytes, more than 67108864',
    ],
    [
      'a struct whose member ends past it',
      (btf) => addStruct(btf, 's', 4, [member('a', addInt(btf, 'u64', 8))]),
      'its member a overlaps another, or ends past it',
    ],
    [
      'a struct whose members overlap',
      (btf) => {
        const int = addInt(btf, 'u32', 4)
        return addStruct(btf, 's', 8, [member('a', int), member('b', int, 2)])
      },
      'its member b overlaps another',
    ],
    [
      'a struct that contains itself',
      (btf) => {
        const id = btf.nextId
        return addStruct(btf, 's', 8, [member('itself', id)])
      },
      'it is nested too deep',
    ],
  ])('%s', (_, declare, message) => {
    expect(() => codecOf(declare)).toThrow(InvalidSpecError)
    expect(() => codecOf(declare)).toThrow(message)
  })

  it('nor have types that the object does not have', () => {
    expect(() => codecOf(() => 5)).toThrow(MalformedBtfError)
  })

  // Thirty-two structs, each of two of the next, in eight bytes: reading one would have made four thousand million.
  it('nor has a tower of structs that all lie at one place', () => {
    const tower = (btf: BtfBuilder) => {
      let inner = addInt(btf, 'u64', 8)
      for (let level = 0; level < 31; level++)
        inner = addStruct(btf, `s${level}`, 8, [member('a', inner), member('b', inner)])
      return inner
    }
    expect(() => codecOf(tower)).toThrow('overlaps another')
  })

  it('and what takes no room is bytes, however many there are of it', () => {
    const codec = codecOf((btf) => arrayOf(btf, addStruct(btf, 'empty', 0, []), 0xffff_ffff))
    expect(codec.size).toBe(0)
    expect(read(codec, '')).toEqual(new Uint8Array(0))
  })
})
