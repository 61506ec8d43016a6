import { describe, expect, it } from 'vitest'
import { addInt, addStruct, member } from '../../../../test/support/types.js'
import { BtfBuilder } from '../btf/btf-builder.js'
import type { BtfTypeId } from '../btf/btf-type.js'
import { BpfError } from '../errors.js'
import { readMaps } from './read-maps.js'

/** Declares a map as the macros of include/hivetap/bpf.h do, in BTF. */
class Declaration {
  readonly btf = new BtfBuilder()
  readonly #index = addInt(this.btf, '__ARRAY_SIZE_TYPE__', 4)

  /** `__uint(name, value)`: a pointer to an array of that length. */
  number(value: number): BtfTypeId {
    const element = addInt(this.btf, 'int', 4, true)
    const type = this.btf.add({ kind: 'array', element, index: this.#index, length: value })
    return this.btf.add({ kind: 'ptr', type })
  }

  /** `__type(name, type)`. */
  pointer(type: BtfTypeId): BtfTypeId {
    return this.btf.add({ kind: 'ptr', type })
  }

  /** Puts a variable of a type into `.maps`. */
  map(type: BtfTypeId): this {
    const variable = this.btf.add({ kind: 'var', name: 'm', type, linkage: 'global' })
    return this.section(variable)
  }

  section(variable: BtfTypeId): this {
    this.btf.add({
      kind: 'datasec',
      name: '.maps',
      size: 0,
      variables: [{ type: variable, offset: 0, size: 0 }],
    })
    return this
  }

  struct(fields: Readonly<Record<string, BtfTypeId>>): BtfTypeId {
    const members = Object.entries(fields).map(([name, type], index) => member(name, type, index * 8))
    return addStruct(this.btf, '', members.length * 8, members)
  }
}

describe('map declarations', () => {
  it('may stand behind typedefs and modifiers', () => {
    const d = new Declaration()
    const struct = d.struct({
      type: d.number(1),
      key: d.pointer(addInt(d.btf, 'u32', 4)),
      value_size: d.number(7),
    })
    const alias = d.btf.add({
      kind: 'typedef',
      name: 'map_t',
      type: d.btf.add({ kind: 'volatile', type: struct }),
    })
    expect(readMaps(d.map(alias).btf.build()).get('m')).toMatchObject({
      kind: 'hash',
      keySize: 4,
      valueSize: 7,
      maxEntries: 0,
      flags: 0,
    })
  })

  it('are none where there is no section for them', () => {
    expect(readMaps(new BtfBuilder().build()).size).toBe(0)
  })

  it.each<[string, (d: Declaration) => unknown, string]>([
    ['no kind', (d) => d.map(d.struct({ max_entries: d.number(1) })), 'Cannot read map m: type 0 is unknown'],
    ['a kind that there is not', (d) => d.map(d.struct({ type: d.number(999) })), 'type 999 is unknown'],
    [
      'what is not supported',
      (d) => d.map(d.struct({ type: d.number(1), pinning: d.number(1) })),
      'Cannot read map m: pinning is not supported',
    ],
    [
      'a number that is none',
      (d) => d.map(d.struct({ type: d.pointer(addInt(d.btf, 'int', 4)) })),
      'type is not declared with __uint',
    ],
    [
      'a number that is no pointer',
      (d) => d.map(d.struct({ type: addInt(d.btf, 'int', 4) })),
      'type is not declared with __uint',
    ],
    [
      'a type that is none',
      (d) => d.map(d.struct({ type: d.number(1), key: addInt(d.btf, 'int', 4) })),
      'key is not declared with __type',
    ],
    [
      'what is no struct',
      (d) => d.map(addInt(d.btf, 'int', 4)),
      'Cannot read map m: it is declared as a int',
    ],
    ['what is no variable', (d) => d.section(addInt(d.btf, 'int', 4)), 'in .maps is no variable'],
    ['a key without a size', (d) => d.map(d.struct({ type: d.number(1), key: d.pointer(0) })), 'has no size'],
    [
      'a value larger than 32 bits count',
      (d) => {
        const element = addInt(d.btf, 'u64', 8)
        const array = d.btf.add({ kind: 'array', element, index: element, length: 0x4000_0000 })
        return d.map(d.struct({ type: d.number(1), value: d.pointer(array) }))
      },
      'is larger than 4294967295 bytes',
    ],
  ])('with %s are refused', (_, declare, message) => {
    const d = new Declaration()
    declare(d)
    expect(() => readMaps(d.btf.build())).toThrow(BpfError)
    expect(() => readMaps(d.btf.build())).toThrow(message)
  })
})
