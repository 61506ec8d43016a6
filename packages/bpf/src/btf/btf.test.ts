import { describe, expect, it } from 'vitest'
import { addInt, addStruct, member } from '../../../../test/support/types.js'
import { MalformedBtfError } from '../errors.js'
import { Btf, btfKindNumber, describeBtfType } from './btf.js'
import { BtfBuilder } from './btf-builder.js'
import { BTF_KINDS } from './btf-type.js'

/** `struct sock { int family; struct sock *next; }`, and what leads to it. */
function example() {
  const btf = new BtfBuilder()
  const int = addInt(btf, 'int', 4, true)
  const sock = addStruct(btf, 'sock', 16, [])
  const pointer = btf.add({ kind: 'ptr', type: sock })
  btf.set(sock, {
    kind: 'struct',
    name: 'sock',
    size: 16,
    members: [member('family', int), member('next', pointer, 8)],
  })
  const alias = btf.add({ kind: 'typedef', name: 'sock_t', type: sock })
  const constant = btf.add({ kind: 'const', type: alias })
  const tagged = btf.add({ kind: 'type_tag', name: 'rcu', type: constant })
  return { btf, int, sock, pointer, alias, constant, tagged }
}

/** The bytes of the example after something was written into them. */
function edited(edit: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = example().btf.bytes()
  edit(new DataView(bytes.buffer), bytes)
  return bytes
}

describe('Btf refuses', () => {
  it.each<[string, Uint8Array, string]>([
    ['less than a header', new Uint8Array(23), '23 bytes are too few for a header'],
    ['another magic number', edited((view) => view.setUint16(0, 0x1234, true)), 'magic number 0xeb9f'],
    ['big-endian BTF, by its name', edited((view) => view.setUint16(0, 0xeb9f, false)), 'it is big-endian'],
    ['another version', edited((view) => view.setUint8(2, 2)), 'its version is 2, not 1'],
    ['a header that is too short', edited((view) => view.setUint32(4, 20, true)), 'a header of 20 bytes'],
    ['a header that is too long', edited((view) => view.setUint32(4, 0xffffffff, true)), 'types at offset'],
    ['types past the end', edited((view) => view.setUint32(12, 0xffffffff, true)), 'types at offset 24'],
    ['strings past the end', edited((view) => view.setUint32(20, 0xffffffff, true)), 'strings at offset'],
    [
      'strings without an end',
      edited((_, bytes) => bytes.set([65], bytes.length - 1)),
      'does not end with NUL',
    ],
    ['a kind that there is not', edited((view) => view.setUint32(28, 20 << 24, true)), 'unknown kind 20'],
    ['void as a type of its own', edited((view) => view.setUint32(28, 0, true)), 'unknown kind 0'],
    ['a type that is cut off', edited((view) => view.setUint32(12, 8, true)), 'type 1 is cut off'],
    [
      'a type whose parts are cut off',
      edited((view) => view.setUint32(40 + 4, (4 << 24) | 0xffff, true)),
      'type 2 is cut off',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => new Btf(bytes)).toThrow(MalformedBtfError)
    expect(() => new Btf(bytes)).toThrow(message)
  })

  it('a type that there is not', () => {
    const btf = example().btf.build()
    for (const id of [-1, 7, 1000, 2 ** 31]) expect(() => btf.type(id)).toThrow(`there is no type ${id}`)
  })

  it('a linkage that there is not', () => {
    const builder = new BtfBuilder()
    builder.add({ kind: 'func', name: 'f', type: 0, linkage: 'static' })
    builder.add({ kind: 'var', name: 'v', type: 0, linkage: 'static' })
    const bytes = builder.bytes()
    new DataView(bytes.buffer).setUint16(28, 3, true)
    new DataView(bytes.buffer).setUint32(48, 3, true)
    expect(() => new Btf(bytes).type(1)).toThrow('type 1 has the unknown linkage 3')
    expect(() => new Btf(bytes).type(2)).toThrow('type 2 has the unknown linkage 3')
  })

  it('a name past the strings', () => {
    const btf = new Btf(edited((view) => view.setUint32(24, 1000, true)))
    expect(() => btf.type(1)).toThrow('a string at offset 1000')
  })

  it('a name that is longer than names are', () => {
    const builder = new BtfBuilder()
    builder.add({ kind: 'fwd', name: 'x'.repeat(5000), union: false })
    expect(() => builder.build().type(1)).toThrow('is longer than 4096 bytes')
  })
})

describe('Btf', () => {
  it('may have no types and no strings at all', () => {
    const bytes = new BtfBuilder().bytes().slice(0, 24)
    new DataView(bytes.buffer).setUint32(20, 0, true)
    const btf = new Btf(bytes)
    expect(btf.endId).toBe(1)
    expect(btf.string(0)).toBe('')
    expect(() => btf.string(1)).toThrow(MalformedBtfError)
    expect(btf.type(0)).toEqual({ kind: 'void' })
  })

  it('may have more between its header and its types, as newer versions may', () => {
    const bytes = example().btf.bytes()
    const longer = new Uint8Array(bytes.length + 8)
    longer.set(bytes.subarray(0, 24))
    longer.set(bytes.subarray(24), 32)
    new DataView(longer.buffer).setUint32(4, 32, true)
    expect([...new Btf(longer).types()]).toEqual([...new Btf(bytes).types()])
  })

  it('holds more types than the mean size of a record lets one expect', () => {
    const builder = new BtfBuilder()
    for (let count = 0; count < 1000; count++) builder.add({ kind: 'ptr', type: count })
    const btf = builder.build()
    expect(btf.endId).toBe(1001)
    expect(btf.type(1000)).toEqual({ kind: 'ptr', type: 999 })
  })

  it('gives the same type for the same number', () => {
    const btf = example().btf.build()
    expect(btf.type(2)).toBe(btf.type(2))
    expect(btf.bytes).toHaveLength(example().btf.bytes().length)
  })

  it('looks through typedefs, modifiers and type tags', () => {
    const { btf, sock, pointer, alias, constant, tagged } = example()
    const types = btf.build()
    for (const id of [sock, alias, constant, tagged]) expect(types.resolve(id).id).toBe(sock)
    expect(types.resolve(pointer).id).toBe(pointer)
    expect(types.resolve(0)).toEqual({ id: 0, type: { kind: 'void' } })
  })

  it('does not look round in a circle', () => {
    const builder = new BtfBuilder()
    builder.add({ kind: 'typedef', name: 'a', type: 2 })
    builder.add({ kind: 'const', type: 1 })
    const btf = builder.build()
    expect(() => btf.resolve(1)).toThrow('type 1 leads through more than 64 typedefs and modifiers')
    expect(() => btf.sizeOf(2)).toThrow(MalformedBtfError)
  })

  it('names types for messages', () => {
    const { btf, int, sock, pointer, alias } = example()
    const types = btf.build()
    expect([0, int, sock, pointer, alias].map((id) => describeBtfType(types, id))).toEqual([
      'void',
      'int',
      'struct sock',
      `ptr (type ${pointer})`,
      'sock_t',
    ])
  })

  it('numbers kinds as include/uapi/linux/btf.h does', () => {
    // BTF_KIND_INT 1, PTR 2, ARRAY 3, STRUCT 4, UNION 5, ENUM 6, FWD 7, TYPEDEF 8, VOLATILE 9, CONST 10, RESTRICT 11,
    // FUNC 12, FUNC_PROTO 13, VAR 14, DATASEC 15, FLOAT 16, DECL_TAG 17, TYPE_TAG 18, ENUM64 19
    expect(btfKindNumber('struct')).toBe(4)
    expect(btfKindNumber('restrict')).toBe(11)
    expect(btfKindNumber('enum64')).toBe(19)
    expect(BTF_KINDS.map(btfKindNumber)).toEqual(Array.from({ length: 20 }, (_, number) => number))
  })
})

describe('sizes', () => {
  it('are those that C has', () => {
    const { btf, int, sock, pointer, tagged } = example()
    const matrix = btf.add({
      kind: 'array',
      element: btf.add({ kind: 'array', element: sock, index: int, length: 3 }),
      index: int,
      length: 2,
    })
    const variable = btf.add({ kind: 'var', name: 'v', type: matrix, linkage: 'global' })
    const float = btf.add({ kind: 'float', name: 'double', size: 8 })
    const section = btf.add({ kind: 'datasec', name: '.data', size: 100, variables: [] })
    const types = btf.build()
    expect(
      [int, sock, pointer, tagged, matrix, variable, float, section].map((id) => types.sizeOf(id)),
    ).toEqual([4, 16, 8, 16, 96, 96, 8, 100])
  })

  it('are none for what has none', () => {
    const btf = new BtfBuilder()
    const ids = [
      0,
      btf.add({ kind: 'fwd', name: 'f', union: false }),
      btf.add({ kind: 'func_proto', returns: 0, parameters: [] }),
      btf.add({ kind: 'func', name: 'f', type: 2, linkage: 'static' }),
      btf.add({ kind: 'decl_tag', name: 't', type: 1, component: -1 }),
    ]
    for (const id of ids) expect(() => btf.build().sizeOf(id)).toThrow('has no size')
  })

  it('are none beyond what 32 bits hold, and none for an array of itself', () => {
    const btf = new BtfBuilder()
    const int = addInt(btf, 'int', 4)
    const large = btf.add({ kind: 'array', element: int, index: int, length: 0x3fff_ffff })
    const larger = btf.add({ kind: 'array', element: large, index: int, length: 0x4000_0000 })
    const endless = btf.nextId
    btf.add({ kind: 'array', element: endless, index: int, length: 1 })
    const types = btf.build()
    expect(types.sizeOf(large)).toBe(0xffff_fffc)
    expect(() => types.sizeOf(larger)).toThrow('is larger than 4294967295 bytes')
    expect(() => types.sizeOf(endless)).toThrow('is nested more than 64 deep')
  })
})

describe('looking for names', () => {
  /** Names of which one ends in another, as linkers fold strings, and the same name for different kinds. */
  function named() {
    const btf = new BtfBuilder()
    addStruct(btf, 'sock', 8, [])
    btf.add({ kind: 'typedef', name: 'sock', type: 1 })
    addStruct(btf, 'tcp_sock', 8, [])
    addStruct(btf, 'sock_common', 8, [])
    addStruct(btf, 'sock', 16, [])
    btf.add({ kind: 'ptr', type: 1 })
    const bytes = btf.bytes()
    // `struct tcp_sock` is renamed to the end of its own name, which stands nowhere alone.
    const types = new DataView(bytes.buffer)
    const offset = types.getUint32(24 + 2 * 12, true)
    types.setUint32(24 + 2 * 12, offset + 'tcp_'.length, true)
    return new Btf(bytes)
  }

  it('finds every type of that very name, in ascending order', () => {
    expect(named().idsNamed('sock')).toEqual([1, 2, 3, 5])
    expect(named().idsNamed('sock_common')).toEqual([4])
    expect(named().idsNamed('tcp_sock')).toEqual([])
    expect(named().idsNamed('soc')).toEqual([])
    expect(named().idsNamed('')).toEqual([])
  })

  it('finds the first of a kind', () => {
    expect(named().find('typedef', 'sock')?.id).toBe(2)
    expect(named().find('struct', 'sock')?.id).toBe(1)
    expect(named().find('union', 'sock')).toBeUndefined()
  })

  it('finds many at once, and the same ones as one by one', () => {
    const many = Array.from({ length: 200 }, (_, index) => `unknown_${index}`)
    const btf = named()
    btf.locate(['', 'sock', 'sock_common', ...many])
    expect(btf.idsNamed('sock')).toEqual([1, 2, 3, 5])
    expect(btf.idsNamed('sock_common')).toEqual([4])
    expect(btf.idsNamed('unknown_7')).toEqual([])
    expect(btf.idsNamed('')).toEqual([])
    btf.locate(['sock'])
    expect(btf.idsNamed('sock')).toEqual([1, 2, 3, 5])
  })
})

describe('split BTF', () => {
  /** The BTF of a module: it numbers its types and places its strings where the kernel's end. */
  function split() {
    const kernel = new BtfBuilder()
    addInt(kernel, 'int', 4, true)
    addStruct(kernel, 'sock', 4, [member('family', 1)])
    const base = kernel.build()
    const module = new BtfBuilder()
    const own = 'module_sock'
    addStruct(module, own, 8, [member('sk', 2), member('more', 1, 4)])
    const bytes = module.bytes()
    const view = new DataView(bytes.buffer)
    const stringsOf = (text: string) => new TextEncoder().encode(text).length + 1
    const kernelStrings = 1 + ['int', 'sock', 'family'].reduce((sum, text) => sum + stringsOf(text), 0)
    view.setUint32(24, view.getUint32(24, true) + kernelStrings, true)
    for (const at of [36, 48]) view.setUint32(at, view.getUint32(at, true) + kernelStrings, true)
    return { base, module: new Btf(bytes, base), bytes, kernelStrings }
  }

  it('numbers its types behind those of its base', () => {
    const { base, module } = split()
    expect([base.firstId, base.endId, module.firstId, module.endId]).toEqual([1, 3, 3, 4])
    expect([...module.types()].map(([id]) => id)).toEqual([3])
  })

  it('gives types, strings and sizes of both', () => {
    const { module } = split()
    expect(module.type(3)).toMatchObject({
      kind: 'struct',
      name: 'module_sock',
      members: [
        { name: 'sk', type: 2 },
        { name: 'more', type: 1 },
      ],
    })
    expect(module.type(2)).toMatchObject({ kind: 'struct', name: 'sock' })
    expect(module.sizeOf(2)).toBe(4)
    expect(module.string(1)).toBe('int')
  })

  it('finds names in both, also where a type of the module is named by a string of the base', () => {
    const { module, base, bytes } = split()
    expect(module.idsNamed('sock')).toEqual([2])
    expect(module.idsNamed('module_sock')).toEqual([3])
    const renamed = Uint8Array.from(bytes)
    new DataView(renamed.buffer).setUint32(24, 5, true)
    const again = new Btf(renamed, base)
    expect(again.type(3)).toMatchObject({ name: 'sock' })
    expect(again.idsNamed('sock')).toEqual([2, 3])
    const many = Array.from({ length: 200 }, (_, index) => `unknown_${index}`)
    const bulk = new Btf(renamed, base)
    bulk.locate(['sock', ...many])
    expect(bulk.idsNamed('sock')).toEqual([2, 3])
  })
})
