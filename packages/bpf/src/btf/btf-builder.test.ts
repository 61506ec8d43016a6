import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomTypes } from '../../../../test/support/random-types.js'
import { addInt, addStruct, member } from '../../../../test/support/types.js'
import { InvalidSpecError } from '../errors.js'
import { Btf } from './btf.js'
import { BtfBuilder } from './btf-builder.js'
import type { BtfType } from './btf-type.js'

describe('BtfBuilder', () => {
  it('writes types that are read back as they were, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((count) => randomTypes(count)),
        (types) => {
          const builder = new BtfBuilder()
          for (const [index, type] of types.entries()) expect(builder.add(type)).toBe(index + 1)
          const read = [...new Btf(builder.bytes()).types()].map(([, type]) => type)
          expect(read).toEqual(types)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('keeps each string once, and the empty one at 0', () => {
    const builder = new BtfBuilder()
    expect(builder.string('')).toBe(0)
    expect(builder.string('one')).toBe(1)
    expect(builder.string('two')).toBe(5)
    expect(builder.string('one')).toBe(1)
    // header, no types, "\0one\0two\0"
    expect(builder.bytes()).toHaveLength(24 + 9)
    expect(builder.build().string(5)).toBe('two')
  })

  it('writes the header that the kernel has: btf.rst', () => {
    const builder = new BtfBuilder()
    addInt(builder, 'int', 4, true)
    // magic, version, flags; header length; types at 0, 16 bytes; strings at 16, 5 bytes; name 1, kind 1, size 4,
    // encoding signed with 32 bits; "\0int\0"
    expect(Buffer.from(builder.bytes()).toString('hex')).toBe(
      ['9feb0100', '18000000', '00000000', '10000000', '10000000', '05000000']
        .concat(['01000000', '00000001', '04000000', '20000001', '00696e7400'])
        .join(''),
    )
  })

  it('replaces a type that is there already, so that two can refer to each other', () => {
    const builder = new BtfBuilder()
    const list = addStruct(builder, 'list', 8, [])
    const pointer = builder.add({ kind: 'ptr', type: list })
    const struct: BtfType = { kind: 'struct', name: 'list', size: 8, members: [member('next', pointer)] }
    builder.set(list, struct)
    expect(builder.build().type(list)).toEqual(struct)
    expect(builder.nextId).toBe(3)
    expect(() => builder.set(3, struct)).toThrow(InvalidSpecError)
  })

  it.each<[string, Exclude<BtfType, { kind: 'void' }>, string]>([
    ['a name with a NUL', { kind: 'fwd', name: 'a\0b', union: false }, 'holds a NUL'],
    [
      'more parts than sixteen bits count',
      {
        kind: 'enum',
        name: 'many',
        size: 4,
        signed: false,
        enumerators: Array.from({ length: 0x10000 }, () => ({ name: 'x', value: 0n })),
      },
      'enum has 65536 parts, more than 65535',
    ],
    [
      'a member of a struct with bit fields that lies beyond 24 bits',
      {
        kind: 'struct',
        name: 's',
        size: 1 << 22,
        members: [
          { name: 'a', type: 0, bitOffset: 0, bitfieldSize: 3 },
          { name: 'b', type: 0, bitOffset: 1 << 24, bitfieldSize: 0 },
        ],
      },
      'member b at bit 16777216 lies too far',
    ],
    [
      'an enumerator of more than 32 bits in an enum that has them',
      { kind: 'enum', name: 'e', size: 4, signed: false, enumerators: [{ name: 'A', value: 1n << 32n }] },
      'an unsigned enum has no room for A, which is 4294967296',
    ],
    [
      'a negative enumerator without a sign',
      { kind: 'enum64', name: 'e', size: 8, signed: false, enumerators: [{ name: 'A', value: -1n }] },
      'an unsigned enum64 has no room for A, which is -1',
    ],
    [
      'an enumerator that a signed enum takes for a negative one',
      { kind: 'enum', name: 'e', size: 4, signed: true, enumerators: [{ name: 'A', value: 1n << 31n }] },
      'a signed enum has no room for A',
    ],
  ])('refuses %s', (_, type, message) => {
    expect(() => new BtfBuilder().add(type)).toThrow(InvalidSpecError)
    expect(() => new BtfBuilder().add(type)).toThrow(message)
  })
})
