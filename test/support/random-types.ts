import fc from 'fast-check'
import type { BtfType, BtfTypeId } from '../../packages/bpf/src/btf/btf-type.js'

type Written = Exclude<BtfType, { kind: 'void' }>

const name = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[a-z_]{1,8}$/) },
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0')) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0')),
  },
)
const word = fc.oneof(fc.nat(64), fc.integer({ min: 0, max: 0xffff_ffff }))
const linkage = fc.constantFrom('static' as const, 'global' as const, 'extern' as const)
const parts = { maxLength: 6 }

/** Types of every kind, with anything in their fields that the format has room for, referring to each other at random. */
export function randomTypes(count: number): fc.Arbitrary<Written[]> {
  const type: fc.Arbitrary<BtfTypeId> = fc.nat(count)
  const plainMember = fc.record({ name, type, bitOffset: word, bitfieldSize: fc.constant(0) })
  const bitMember = fc.record({
    name,
    type,
    bitOffset: fc.nat(0xffffff),
    bitfieldSize: fc.integer({ min: 0, max: 255 }),
  })
  const members = fc.oneof(fc.array(plainMember, parts), fc.array(bitMember, parts))
  const enumerators = (signed: boolean, bits: number) =>
    fc.array(
      fc.record({
        name,
        value: signed
          ? fc.bigInt({ min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n })
          : fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }),
      }),
      parts,
    )
  const enumOf = (kind: 'enum' | 'enum64', bits: number) =>
    fc.boolean().chain((signed) =>
      fc.record({
        kind: fc.constant(kind),
        name,
        size: word,
        signed: fc.constant(signed),
        enumerators: enumerators(signed, bits),
      }),
    )
  return fc.array(
    fc.oneof<fc.Arbitrary<Written>[]>(
      fc.record({
        kind: fc.constant('int' as const),
        name,
        size: word,
        bits: fc.nat(255),
        bitOffset: fc.nat(255),
        signed: fc.boolean(),
        char: fc.boolean(),
        bool: fc.boolean(),
      }),
      fc.record({ kind: fc.constantFrom('ptr' as const), type }),
      fc.record({ kind: fc.constantFrom('volatile' as const, 'const' as const, 'restrict' as const), type }),
      fc.record({ kind: fc.constantFrom('typedef' as const, 'type_tag' as const), name, type }),
      fc.record({ kind: fc.constant('array' as const), element: type, index: type, length: word }),
      fc.record({ kind: fc.constantFrom('struct' as const, 'union' as const), name, size: word, members }),
      enumOf('enum', 32),
      enumOf('enum64', 64),
      fc.record({ kind: fc.constant('fwd' as const), name, union: fc.boolean() }),
      fc.record({ kind: fc.constant('func' as const), name, type, linkage }),
      fc.record({
        kind: fc.constant('func_proto' as const),
        returns: type,
        parameters: fc.array(fc.record({ name, type }), parts),
      }),
      fc.record({ kind: fc.constant('var' as const), name, type, linkage }),
      fc.record({
        kind: fc.constant('datasec' as const),
        name,
        size: word,
        variables: fc.array(fc.record({ type, offset: word, size: word }), parts),
      }),
      fc.record({ kind: fc.constant('float' as const), name, size: word }),
      fc.record({
        kind: fc.constant('decl_tag' as const),
        name,
        type,
        component: fc.integer({ min: -1, max: 0x7fff_ffff }),
      }),
    ),
    { minLength: count, maxLength: count },
  )
}
