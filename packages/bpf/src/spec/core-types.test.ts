import { describe, expect, it } from 'vitest'
import { addInt, addStruct, member } from '../../../../test/support/types.js'
import { BtfBuilder } from '../btf/btf-builder.js'
import type { BtfTypeId } from '../btf/btf-type.js'
import { typesCompatible, typesMatch } from './core-types.js'

type Declare = (btf: BtfBuilder) => BtfTypeId

function compared(compare: typeof typesMatch, local: Declare, target: Declare): boolean {
  const [a, b] = [new BtfBuilder(), new BtfBuilder()]
  const [x, y] = [local(a), target(b)]
  return compare(a.build(), x, b.build(), y)
}

const int: Declare = (btf) => addInt(btf, 'int', 4, true)
const long: Declare = (btf) => addInt(btf, 'long', 8, true)
const struct =
  (name: string): Declare =>
  (btf) =>
    addStruct(btf, name, 4, [member('x', int(btf))])
const pointer =
  (to: Declare): Declare =>
  (btf) =>
    btf.add({ kind: 'ptr', type: to(btf) })
const array =
  (of: Declare, length: number): Declare =>
  (btf) =>
    btf.add({ kind: 'array', element: of(btf), index: int(btf), length })
const forward =
  (name: string, union = false): Declare =>
  (btf) =>
    btf.add({ kind: 'fwd', name, union })
const union =
  (name: string): Declare =>
  (btf) =>
    btf.add({ kind: 'union', name, size: 4, members: [] })
const typedef =
  (to: Declare): Declare =>
  (btf) =>
    btf.add({ kind: 'typedef', name: 't', type: to(btf) })
const prototype =
  (returns: Declare, ...parameters: Declare[]): Declare =>
  (btf) =>
    btf.add({
      kind: 'func_proto',
      returns: returns(btf),
      parameters: parameters.map((parameter, index) => ({ name: `p${index}`, type: parameter(btf) })),
    })
const enumeration =
  (...names: string[]): Declare =>
  (btf) =>
    btf.add({
      kind: 'enum',
      name: 'e',
      size: 4,
      signed: false,
      enumerators: names.map((name, index) => ({ name, value: BigInt(index) })),
    })
const enum64: Declare = (btf) =>
  btf.add({ kind: 'enum64', name: 'e', size: 8, signed: false, enumerators: [] })
const nothing: Declare = () => 0

describe('types are compatible', () => {
  it.each<[string, Declare, Declare, boolean]>([
    ['structs of any name', struct('a'), struct('b'), true],
    ['a struct and a union', struct('a'), union('a'), false],
    ['integers of any size', int, long, true],
    ['enums of any size', enumeration('A'), enum64, true],
    ['pointers to what is', pointer(struct('a')), pointer(struct('b')), true],
    ['pointers to what is not', pointer(int), pointer(struct('b')), false],
    ['pointers to void', pointer(nothing), pointer(nothing), true],
    ['arrays of what is, of any length', array(int, 3), array(long, 5), true],
    ['arrays of what is not', array(int, 3), array(pointer(int), 3), false],
    ['a typedef and what it stands for', typedef(int), long, true],
    [
      'prototypes of the same parameters',
      prototype(int, int, pointer(int)),
      prototype(long, long, pointer(long)),
      true,
    ],
    ['prototypes of fewer', prototype(int, int), prototype(int), false],
    ['prototypes of others', prototype(int, int), prototype(int, pointer(int)), false],
    ['prototypes that return another', prototype(int), prototype(nothing), false],
  ])('%s', (_, local, target, expected) => {
    expect(compared(typesCompatible, local, target)).toBe(expected)
  })

  it('no further down than anyone would look', () => {
    const deep = (depth: number): Declare => (depth === 0 ? int : pointer(deep(depth - 1)))
    expect(compared(typesCompatible, deep(20), deep(20))).toBe(true)
    expect(compared(typesCompatible, deep(40), deep(40))).toBe(false)
  })
})

describe('types match', () => {
  it.each<[string, Declare, Declare, boolean]>([
    ['integers of one size, sign and name', int, int, true],
    ['integers of another size', int, (btf) => addInt(btf, 'int', 8, true), false],
    ['integers of another sign', int, (btf) => addInt(btf, 'int', 4), false],
    ['integers of another name', int, long, false],
    ['a struct and a union of one name', struct('a'), union('a'), false],
    ['structs of one name but for its flavour', struct('a___mine'), struct('a'), true],
    ['forward declarations of one kind', forward('a'), forward('a'), true],
    ['forward declarations of another', forward('a'), forward('a', true), false],
    ['a forward declaration and the struct', forward('a'), struct('a'), false],
    [
      'pointers to a forward declaration and to the struct',
      pointer(forward('a')),
      pointer(struct('a')),
      true,
    ],
    [
      'pointers to the struct and to a forward declaration',
      pointer(struct('a')),
      pointer(forward('a')),
      true,
    ],
    [
      'pointers to a declared union and to a struct',
      pointer(forward('a', true)),
      pointer(struct('a')),
      false,
    ],
    ['pointers to a union and to a declared one', pointer(union('a')), pointer(forward('a', true)), true],
    ['pointers to a forward declaration and to an integer', pointer(forward('int')), pointer(int), false],
    ['arrays of one length', array(int, 3), array(int, 3), true],
    ['arrays of another', array(int, 3), array(int, 4), false],
    ['enums that have all names', enumeration('A___x', 'B'), enumeration('C', 'B', 'A'), true],
    ['enums that lack one', enumeration('A', 'B'), enumeration('A', 'C'), false],
    ['prototypes of the same', prototype(int, pointer(nothing)), prototype(int, pointer(nothing)), true],
    ['prototypes of other parameters', prototype(int, int), prototype(int, long), false],
    ['prototypes of more', prototype(int, int), prototype(int, int, int), false],
    [
      'floats',
      (btf) => btf.add({ kind: 'float', name: 'f', size: 4 }),
      (btf) => btf.add({ kind: 'float', name: 'f', size: 4 }),
      true,
    ],
  ])('%s', (_, local, target, expected) => {
    expect(compared(typesMatch, local, target)).toBe(expected)
  })

  it('when each member has one of its name that matches, in any order', () => {
    const local: Declare = (btf) => addStruct(btf, 's', 8, [member('a', int(btf)), member('b', int(btf), 4)])
    const more: Declare = (btf) =>
      addStruct(btf, 's', 24, [member('b', int(btf)), member('c', long(btf), 8), member('a', int(btf), 16)])
    const other: Declare = (btf) =>
      addStruct(btf, 's', 16, [member('a', long(btf)), member('b', int(btf), 8)])
    expect(compared(typesMatch, local, more)).toBe(true)
    expect(compared(typesMatch, more, local)).toBe(false)
    expect(compared(typesMatch, local, other)).toBe(false)
    expect(compared(typesMatch, pointer(local), pointer(other))).toBe(true)
  })

  // Each level has two members of the next: four thousand million comparisons, were pairs compared anew.
  it('in a tower of structs, comparing each pair once', () => {
    const tower: Declare = (btf) => {
      let inner = int(btf)
      for (let level = 0; level < 31; level++)
        inner = addStruct(btf, `s${level}`, 8, [member('a', inner), member('b', inner)])
      return inner
    }
    expect(compared(typesMatch, tower, tower)).toBe(true)
  })
})
