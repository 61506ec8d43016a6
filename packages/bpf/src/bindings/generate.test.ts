import { describe, expect, it } from 'vitest'
import { fixtureObject, fixtureText } from '../../../../test/support/fixtures.js'
import { addInt, addStruct, member } from '../../../../test/support/types.js'
import { BtfBuilder } from '../btf/btf-builder.js'
import type { BtfTypeId } from '../btf/btf-type.js'
import { BpfError, InvalidSpecError } from '../errors.js'
import type { MapKind } from '../spec/map-kind.js'
import type { MapSpec, ObjectSpec, VariableSpec } from '../spec/object-spec.js'
import { generateBindings } from './generate.js'

/** An object with one map and some constants, of types that a function declares. */
function generated(
  declare: (btf: BtfBuilder) => {
    readonly value?: BtfTypeId
    readonly kind?: MapKind
    readonly constants?: Readonly<Record<string, BtfTypeId>>
    readonly maps?: readonly string[]
  },
  fileName = 'x.bpf.o',
): string {
  const builder = new BtfBuilder()
  const { value, kind = 'ringbuf', constants = {}, maps = ['events'] } = declare(builder)
  const variables = new Map(
    Object.entries(constants).map(([name, type]): [string, VariableSpec] => [
      name,
      { name, section: '.rodata', offset: 0, size: 8, type },
    ]),
  )
  const spec: ObjectSpec = {
    license: 'GPL',
    btf: builder.build(),
    maps: new Map(
      maps.map((name): [string, MapSpec] => [
        name,
        { name, kind, keySize: 4, valueSize: 8, maxEntries: 1, flags: 0, key: undefined, value },
      ]),
    ),
    data: new Map([['.rodata', { name: '.rodata', readOnly: true, bytes: new Uint8Array(8), variables }]]),
    functions: new Map(),
    programs: new Map(),
  }
  return generateBindings(spec, fileName)
}

const enumOf = (btf: BtfBuilder, name: string, ...values: (readonly [string, number])[]) =>
  btf.add({
    kind: 'enum',
    name,
    size: 4,
    signed: false,
    enumerators: values.map(([label, value]) => ({ name: label, value: BigInt(value) })),
  })
const arrayOf = (btf: BtfBuilder, element: BtfTypeId, length: number) =>
  btf.add({ kind: 'array', element, index: addInt(btf, '__ARRAY_SIZE_TYPE__', 4), length })

describe('generated TypeScript', () => {
  it('is what lies beside the object, which the compiler reads with all the rest', () => {
    expect(generateBindings(fixtureObject('records'), 'records.bpf.o')).toBe(fixtureText('records.bpf.ts'))
  })

  it('reads and writes a struct of a map, also if it was declared for a record before', () => {
    const text = fixtureText('records.bpf.ts')
    expect(text).toContain('export const point: Codec<Point>')
    expect(text).toContain('export const sample: Decoder<Sample>')
  })

  it.each<[string, (btf: BtfBuilder) => BtfTypeId, string]>([
    [
      'a boolean',
      (btf) =>
        btf.add({
          kind: 'int',
          name: 'b',
          size: 1,
          bits: 8,
          bitOffset: 0,
          signed: false,
          char: false,
          bool: true,
        }),
      'boolean',
    ],
    [
      'a boolean of four bytes',
      (btf) =>
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
      'number',
    ],
    ['an integer', (btf) => addInt(btf, 'u32', 4), 'number'],
    ['a wide integer', (btf) => addInt(btf, 'u64', 8), 'number | bigint'],
    ['the widest integer', (btf) => addInt(btf, '__int128', 16), 'Uint8Array'],
    ['an enum', (btf) => enumOf(btf, 'mode', ['MODE_A', 0]), 'Mode'],
    ['an enum without a name', (btf) => enumOf(btf, '', ['A', 7]), 'number'],
    ['text', (btf) => arrayOf(btf, addInt(btf, 'char', 1), 8), 'string'],
    // Once an array of numbers, which setConstant refused: bytes are bytes.
    ['bytes', (btf) => arrayOf(btf, addInt(btf, 'unsigned char', 1), 8), 'Uint8Array'],
    ['numbers', (btf) => arrayOf(btf, addInt(btf, 'u16', 2), 4), 'readonly (number)[]'],
    [
      'rows of numbers',
      (btf) => arrayOf(btf, arrayOf(btf, addInt(btf, 'u64', 8), 1), 1),
      'readonly (readonly (number | bigint)[])[]',
    ],
  ])('has a constant that is %s as what setConstant takes', (_, type, expected) => {
    expect(generated((btf) => ({ constants: { setting: type(btf) } }))).toContain(
      `readonly setting?: ${expected}\n`,
    )
  })

  it.each<[string, (btf: BtfBuilder) => BtfTypeId, string]>([
    ['an integer', (btf) => addInt(btf, 'int', 4, true), 's32'],
    ['no struct', (btf) => btf.add({ kind: 'union', name: 'u', size: 8, members: [] }), 'bytesCodec(8)'],
    ['a struct without a name', (btf) => addStruct(btf, '', 8, []), 'bytesCodec(8)'],
  ])('has a value that is %s', (_, type, codec) => {
    expect(generated((btf) => ({ kind: 'hash', value: type(btf) }))).toContain(
      `bindMap('events', bytesCodec(4), ${codec})`,
    )
  })

  it('calls a struct without a name by its typedef', () => {
    const text = generated((btf) => {
      const struct = addStruct(btf, '', 4, [member('pid', addInt(btf, 'u32', 4))])
      const alias = btf.add({
        kind: 'typedef',
        name: 'event_t',
        type: btf.add({ kind: 'const', type: struct }),
      })
      return { value: btf.add({ kind: 'volatile', type: alias }) }
    })
    expect(text).toContain('/** `event_t`, 4 bytes. */\nexport interface EventT {')
    expect(text).toContain("bindRecords('events', eventT)")
  })

  it('keeps apart what has one name in C', () => {
    const text = generated((btf) => {
      const inner = (size: number) =>
        addStruct(btf, 'inner', size, [member(`of_${size}`, addInt(btf, 'u8', 1))])
      const mode = enumOf(btf, 'inner', ['A', 0])
      const [one, two] = [inner(4), inner(8)]
      return {
        value: addStruct(btf, 'x', 20, [member('a', one), member('b', two, 4), member('mode', mode, 12)]),
      }
    })
    // `inner` of four bytes, of eight, and the enum; and struct x is not the object x.
    expect(text).toContain('export const inner: Decoder<Inner>')
    expect(text).toContain('export const inner_: Decoder<Inner_>')
    expect(text).toContain('export type Inner__ = ')
    expect(text).toContain('export const x_: Decoder<X_>')
    expect(text).toContain('export const x = bindObject({')
  })

  it('names nothing as its own variables are named, nor what it imports', () => {
    const text = generated((btf) => {
      const u32 = addInt(btf, 'u32', 4)
      const names = ['view', 'at', 'value', 'index', 'item', 'u64', 'read_text', 'delete', 'uint8_array']
      const structs = names.map((name) => addStruct(btf, name, 4, [member('x', u32)]))
      const members = structs.map((type, index) => member(`m${index}`, type, index * 4))
      return { kind: 'hash', value: addStruct(btf, 'all', 36, members) }
    })
    for (const name of ['view_', 'at_', 'value_', 'index_', 'item_', 'u64_', 'readText_', 'delete_'])
      expect(text).toContain(`export const ${name}: Codec<`)
    expect(text).toContain('export interface Uint8Array_ {')
  })

  it('reads arrays in arrays by an index each', () => {
    // Both were once called `index`: the inner hid the outer, and each row was read from the wrong place.
    const text = generated((btf) => {
      const row = arrayOf(btf, addInt(btf, 'u16', 2), 3)
      return { kind: 'hash', value: addStruct(btf, 's', 12, [member('rows', arrayOf(btf, row, 2))]) }
    })
    expect(text).toContain(
      'readArray(2, (index) => readArray(3, (index2) => view.getUint16(at + index * 6 + index2 * 2, true)))',
    )
    expect(text).toContain(
      'writeArray(2, value.rows, (item, index) => writeArray(3, item, (item2, index2) => view.setUint16(at + index * 6 + index2 * 2, item2, true)))',
    )
  })

  it('has the object file by a URL that leads to it, whatever it is called', () => {
    expect(generated(() => ({}), 'my probe#1.bpf.o')).toContain(
      "url: new URL('./my%20probe%231.bpf.o', import.meta.url)",
    )
    expect(generated(() => ({}), '1.o')).toContain('export const _1 = bindObject({')
    expect(generated(() => ({}), 'class.bpf.o')).toContain('export const class_ = bindObject({')
  })
})

describe('generateBindings refuses', () => {
  const u32 = (btf: BtfBuilder) => addInt(btf, 'u32', 4)

  it('an object without types', () => {
    expect(() => generateBindings({ ...fixtureObject('records'), btf: undefined }, 'x.bpf.o')).toThrow(
      'it has no BTF; compile it with -g',
    )
  })

  it.each<[string, Parameters<typeof generated>[0], string]>([
    [
      'two maps that would get one name',
      () => ({ maps: ['an_event', 'anEvent'] }),
      'the maps an_event and anEvent would both be called anEvent',
    ],
    [
      'two constants that would',
      (btf) => ({ constants: { a_b: u32(btf), _a_b: u32(btf) } }),
      'the constants a_b and _a_b would both be called aB',
    ],
    [
      'two fields that would',
      (btf) => ({ value: addStruct(btf, 's', 8, [member('a_b', u32(btf)), member('aB', u32(btf), 4)]) }),
      'the fields of struct s a_b and aB would both be called aB',
    ],
    [
      'a constant that is a struct',
      (btf) => ({ constants: { c: addStruct(btf, 's', 4, []) } }),
      'a constant is a struct',
    ],
    [
      'a constant without end',
      (btf) => {
        const id = btf.nextId + 1
        return { constants: { c: arrayOf(btf, id, 1) } }
      },
      "a constant's type is nested too deep",
    ],
    [
      'an enum whose values do not count up',
      (btf) => ({ constants: { c: enumOf(btf, 'e', ['A', 1], ['B', 2]) } }),
      'the values of enum e are not 0, 1, 2',
    ],
    [
      'an enum that leaves a value out and has another twice',
      (btf) => ({ constants: { c: enumOf(btf, 'e', ['A', 0], ['B', 0], ['C', 2]) } }),
      'the values of enum e are not 0, 1, 2',
    ],
    [
      'a struct that contains itself',
      (btf) => {
        const id = btf.nextId
        return { value: addStruct(btf, 's', 8, [member('itself', id)]) }
      },
      'is nested too deep',
    ],
    [
      'a struct whose fields overlap',
      (btf) => ({ value: addStruct(btf, 's', 4, [member('a', u32(btf)), member('b', u32(btf), 2)]) }),
      'struct s has a field b that overlaps another, or ends past it',
    ],
    [
      'a struct larger than any record',
      (btf) => ({ value: addStruct(btf, 's', 1 << 30, []) }),
      'struct s takes 1073741824 bytes',
    ],
    [
      'an array without end',
      (btf) => {
        const id = btf.nextId + 1
        return { value: addStruct(btf, 's', 8, [member('a', arrayOf(btf, id, 1))]) }
      },
      'is nested more than 64 deep',
    ],
  ])('%s', (_, declare, message) => {
    expect(() => generated(declare)).toThrow(BpfError)
    expect(() => generated(declare)).toThrow(message)
  })

  it.each<
    [
      string,
      (btf: BtfBuilder, address: BtfTypeId) => { size: number; family?: BtfTypeId; tagged?: string },
      string,
    ]
  >([
    [
      'of a family that there is not',
      () => ({ size: 16, tagged: 'ip:nowhere' }),
      'struct s has no field nowhere',
    ],
    [
      'of a family that is no number',
      (btf) => ({ size: 16, family: addStruct(btf, 'f', 4, []) }),
      'is no number of an IP version',
    ],
    ['of four bytes', () => ({ size: 4 }), 'has an IP address address of 4 bytes, not 16'],
  ])('an IP address %s', (_, of, message) => {
    const declare: Parameters<typeof generated>[0] = (btf) => {
      const { size, family = u32(btf), tagged = 'ip:family' } = of(btf, 0)
      const address = arrayOf(btf, addInt(btf, 'unsigned char', 1), size)
      const struct = addStruct(btf, 's', 20, [member('family', family), member('address', address, 4)])
      btf.add({ kind: 'decl_tag', name: tagged, type: struct, component: 1 })
      return { value: struct }
    }
    expect(() => generated(declare)).toThrow(InvalidSpecError)
    expect(() => generated(declare)).toThrow(message)
  })

  it.each<
    [
      string,
      {
        readonly tag?: string
        readonly docs?: readonly string[]
        readonly size?: (btf: BtfBuilder) => BtfTypeId
        readonly tail?: (btf: BtfBuilder) => BtfTypeId
        readonly component?: number
      },
      string,
    ]
  >([
    [
      'that is not at its end',
      { tag: 'parts:a:size', component: 0 },
      'struct s has parts in size, which is not its last field',
    ],
    [
      'that is of numbers',
      { tail: (btf) => arrayOf(btf, u32(btf), 4) },
      'struct s has parts in tail, which is no array of char or __u8',
    ],
    ['that is no array', { tail: u32 }, 'struct s has parts in tail, which is no array of char or __u8'],
    ['without room', { tail: (btf) => arrayOf(btf, addInt(btf, 'char', 1), 0) }, 'which is no array of char'],
    ['without parts', { tag: 'parts: ' }, 'struct s has 0 parts in tail, not 1 to 32'],
    [
      'with too many parts',
      { tag: `parts:${Array.from({ length: 33 }, (_, index) => `p${index}:size`).join(' ')}` },
      'struct s has 33 parts in tail, not 1 to 32',
    ],
    ['with a part without a size', { tag: 'parts:a' }, 'has in tail a part a, which is not name:size_field'],
    [
      'with a part of another type',
      { tag: 'parts:a:size:numbers' },
      'has in tail a part a:size:numbers, which is not name:size_field',
    ],
    ['with a part of no such size', { tag: 'parts:a:sise' }, 'struct s has no field sise'],
    [
      'with a size that may be negative',
      { size: (btf) => addInt(btf, 'int', 4, true) },
      'struct s has a field size that is no size: no unsigned integer of up to 32 bits',
    ],
    [
      'with a size of 64 bits',
      { size: (btf) => addInt(btf, 'u64', 8) },
      'struct s has a field size that is no size',
    ],
    [
      'with texts in bytes',
      {
        tag: 'parts:a:size:texts',
        tail: (btf) => arrayOf(btf, addInt(btf, 'unsigned char', 1), 8),
      },
      'struct s has texts in tail, which is of bytes',
    ],
    [
      'with two parts that would get one name',
      { tag: 'parts:a_b:size aB:size' },
      'the fields of struct s a_b and aB would both be called aB',
    ],
    [
      'with something said of what is not there',
      { docs: ['part:b: What'] },
      'struct s says what b is, which is no part of tail',
    ],
  ])('a tail %s', (_, of, message) => {
    const declare: Parameters<typeof generated>[0] = (btf) => {
      const tail = of.tail?.(btf) ?? arrayOf(btf, addInt(btf, 'char', 1), 8)
      const size = of.size?.(btf) ?? u32(btf)
      const struct = addStruct(btf, 's', 24, [member('size', size), member('tail', tail, 8)])
      for (const name of [of.tag ?? 'parts:a:size', ...(of.docs ?? [])])
        btf.add({ kind: 'decl_tag', name, type: struct, component: of.component ?? 1 })
      return { value: struct }
    }
    expect(() => generated(declare)).toThrow(InvalidSpecError)
    expect(() => generated(declare)).toThrow(message)
  })

  it('an IP address in a map: it is read, not written', () => {
    const declare: Parameters<typeof generated>[0] = (btf) => {
      const address = arrayOf(btf, addInt(btf, 'unsigned char', 1), 16)
      const struct = addStruct(btf, 's', 20, [member('family', u32(btf)), member('address', address, 4)])
      btf.add({ kind: 'decl_tag', name: 'ip:family', type: struct, component: 1 })
      return { kind: 'hash', value: struct }
    }
    expect(() => generated(declare)).toThrow('IP addresses are for records, not for maps')
  })
})
