import { describe, expect, it } from 'vitest'
import { fixtureObject, fixtureText } from '../../../../test/support/fixtures.js'
import { addInt, addStruct, member } from '../../../../test/support/types.js'
import type { Btf } from '../btf/btf.js'
import { BtfBuilder } from '../btf/btf-builder.js'
import type { CoreRelocation, CoreRelocationKind } from '../btf/btf-ext.js'
import type { BtfMember, BtfTypeId } from '../btf/btf-type.js'
import { BpfError, InvalidSpecError, UnresolvedRelocationError } from '../errors.js'
import { CoreResolver } from './core-relocation.js'

/** Types of one side, made by a function of their builder; what it gives is the type that is asked about. */
function types(declare: (btf: BtfBuilder) => BtfTypeId): { btf: Btf; id: BtfTypeId } {
  const builder = new BtfBuilder()
  const id = declare(builder)
  return { btf: builder.build(), id }
}

/** What a relocation of a local type gives on kernels. */
function ask(
  kind: CoreRelocationKind,
  access: readonly number[],
  local: (btf: BtfBuilder) => BtfTypeId,
  ...kernels: ((btf: BtfBuilder) => BtfTypeId)[]
) {
  const { btf, id } = types(local)
  const relocation: CoreRelocation = { offset: 0, kind, type: id, access }
  const resolver = new CoreResolver(
    btf,
    kernels.map((kernel) => types(kernel).btf),
  )
  resolver.locate([relocation])
  return resolver.answer(relocation)
}

const u32 = (btf: BtfBuilder) => addInt(btf, 'unsigned int', 4)
/** `struct s { u32 x; }`, with x at an offset. */
const withField =
  (offset: number, name = 'x') =>
  (btf: BtfBuilder) =>
    addStruct(btf, 's', offset + 4, [member(name, u32(btf), offset)])
const bits = (type: BtfTypeId, bitOffset: number, bitfieldSize: number): BtfMember => ({
  name: 'x',
  type,
  bitOffset,
  bitfieldSize,
})
const enumOf =
  (kind: 'enum' | 'enum64', signed: boolean, ...values: (readonly [string, bigint])[]) =>
  (btf: BtfBuilder) =>
    btf.add({
      kind,
      name: 'e',
      size: kind === 'enum' ? 4 : 8,
      signed,
      enumerators: values.map(([name, value]) => ({ name, value })),
    })

describe('several kernels’ types', () => {
  it('are asked in order: the first that knows the name answers, also that it has no such field', () => {
    expect(ask('field_byte_offset', [0, 0], withField(0), withField(8), withField(16))).toMatchObject({
      value: 8n,
    })
    expect(ask('field_exists', [0, 0], withField(0), withField(8, 'y'), withField(16))).toEqual({ value: 0n })
    expect(ask('field_exists', [0, 0], withField(0), u32, withField(16))).toEqual({ value: 1n })
  })

  it('of one name must agree', () => {
    const two = (other: number) => (btf: BtfBuilder) => {
      withField(8)(btf)
      return withField(other)(btf)
    }
    expect(ask('field_byte_offset', [0, 0], withField(0), two(8))).toMatchObject({ value: 8n })
    expect(() => ask('field_byte_offset', [0, 0], withField(0), two(4))).toThrow(UnresolvedRelocationError)
    expect(() => ask('field_byte_offset', [0, 0], withField(0), two(4))).toThrow(
      'Cannot relocate field x of struct s: the kernel has several types of that name, and they disagree',
    )
    // libbpf says the same of the same (and refuses questions to which both give one answer, as we do not).
    expect(fixtureText('core-ambiguous.on-core-ambiguous-kernel-disagreeing.libbpf.jsonl')).toContain(
      'field offset ambiguity',
    )
    expect(ask('field_byte_size', [0, 0], withField(0), two(4))).toEqual({ value: 4n })
  })

  it('of another kind have another name', () => {
    const union = (btf: BtfBuilder) =>
      btf.add({ kind: 'union', name: 's', size: 4, members: [member('x', u32(btf))] })
    expect(ask('field_exists', [0, 0], withField(0), union)).toEqual({ value: 0n })
    expect(ask('type_exists', [0], enumOf('enum', false), enumOf('enum64', false))).toEqual({ value: 1n })
  })
})

describe('what a kernel does not have', () => {
  it.each<[CoreRelocationKind, string | 0n]>([
    ['field_byte_offset', 'field x of struct s'],
    ['field_byte_size', 'field x of struct s'],
    ['field_exists', 0n],
    ['field_signed', 'field x of struct s'],
    ['field_lshift_u64', 'field x of struct s'],
    ['field_rshift_u64', 'field x of struct s'],
    ['type_exists', 0n],
    ['type_size', 0n],
    ['type_matches', 0n],
    ['type_id_target', 0n],
  ])('is answered for %s', (kind, expected) => {
    const subject = kind.startsWith('type') ? [0] : [0, 0]
    const answer = ask(kind, subject, withField(0), u32)
    expect(answer).toEqual(typeof expected === 'bigint' ? { value: expected } : { missing: expected })
  })

  it('is named: an enumerator, an element, a type', () => {
    const local = enumOf('enum', false, ['A', 1n])
    expect(ask('enumval_value', [0], local, u32)).toEqual({ missing: 'A of enum e' })
    expect(ask('enumval_value', [7], local, u32)).toEqual({ missing: 'an enumerator of enum e' })
    expect(ask('enumval_exists', [0], local, u32)).toEqual({ value: 0n })
    const nested = (btf: BtfBuilder) => {
      const inner = btf.add({ kind: 'array', element: withField(0)(btf), index: u32(btf), length: 3 })
      return addStruct(btf, 'outer', 12, [member('list', inner)])
    }
    expect(ask('field_byte_offset', [0, 0, 2, 0], nested, u32)).toEqual({
      missing: 'field list[2].x of struct outer',
    })
    const { btf, id } = types(nested)
    expect(new CoreResolver(btf, []).describe({ offset: 0, kind: 'type_size', type: id, access: [0] })).toBe(
      'struct outer',
    )
  })

  it('is everything for a local type without a name', () => {
    const nameless = (btf: BtfBuilder) => addStruct(btf, '', 4, [member('x', u32(btf))])
    expect(ask('field_exists', [0, 0], nameless, nameless)).toEqual({ value: 0n })
  })
})

describe('a type’s number', () => {
  it('is that of the type that is asked about, not of what a typedef stands for', () => {
    const { btf, id } = types((builder) => builder.add({ kind: 'typedef', name: 't', type: u32(builder) }))
    expect(
      new CoreResolver(btf, []).answer({ offset: 0, kind: 'type_id_local', type: id, access: [0] }),
    ).toEqual({
      value: BigInt(id),
    })
    const local = (builder: BtfBuilder) => builder.add({ kind: 'typedef', name: 't', type: u32(builder) })
    const kernel = (builder: BtfBuilder) => {
      addStruct(builder, 'before', 0, [])
      return local(builder)
    }
    expect(ask('type_id_target', [0], local, kernel)).toEqual({ value: 3n })
  })
})

describe('an enumerator', () => {
  it('has the value that the kernel gives it, of 32 or 64 bits, with its sign', () => {
    const local = enumOf('enum', false, ['A', 0n])
    expect(ask('enumval_value', [0], local, enumOf('enum', true, ['A', -1n]))).toEqual({
      value: (1n << 64n) - 1n,
    })
    // An unsigned value of 32 bits stays one: libbpf 1.1 extends a sign that it does not have.
    expect(ask('enumval_value', [0], local, enumOf('enum', false, ['A', 0xffff_ffffn]))).toEqual({
      value: 0xffff_ffffn,
    })
    expect(ask('enumval_value', [0], local, enumOf('enum64', false, ['B', 1n], ['A', 1n << 40n]))).toEqual({
      value: 1n << 40n,
    })
  })

  it('is found by its name without its flavour', () => {
    const local = enumOf('enum', false, ['A___older', 0n])
    expect(ask('enumval_value', [0], local, enumOf('enum', false, ['A', 9n]))).toEqual({ value: 9n })
    expect(ask('enumval_exists', [0], local, enumOf('enum', false, ['A___newer', 9n]))).toEqual({ value: 1n })
  })

  it('is none of a type that is no enum', () => {
    expect(ask('enumval_exists', [0], withField(0), withField(0))).toEqual({ value: 0n })
  })
})

describe('a field', () => {
  it('of bits that no load of eight bytes holds is not there', () => {
    // 60 bits from bit 7 of a packed struct: nine bytes. The shift would have been negative.
    const local = (btf: BtfBuilder) => addStruct(btf, 's', 8, [bits(addInt(btf, 'u64', 8), 0, 60)])
    const packed = (btf: BtfBuilder) => addStruct(btf, 's', 9, [bits(addInt(btf, 'u64', 8), 7, 60)])
    for (const kind of [
      'field_byte_offset',
      'field_byte_size',
      'field_lshift_u64',
      'field_rshift_u64',
    ] as const)
      expect(ask(kind, [0, 0], local, packed)).toEqual({ missing: 'field x of struct s' })
    expect(ask('field_exists', [0, 0], local, packed)).toEqual({ value: 1n })
  })

  it('of bits is loaded by the smallest aligned load that holds all of them', () => {
    const local = (btf: BtfBuilder) => addStruct(btf, 's', 4, [bits(u32(btf), 0, 3)])
    // Bits 14 to 16 of a packed struct of bytes: two bytes at 0 do not hold them, four do.
    const packed = (btf: BtfBuilder) => addStruct(btf, 's', 3, [bits(addInt(btf, 'u8', 1), 14, 3)])
    expect(ask('field_byte_offset', [0, 0], local, packed)).toEqual({ value: 0n })
    expect(ask('field_byte_size', [0, 0], local, packed)).toEqual({ value: 4n })
    expect(ask('field_lshift_u64', [0, 0], local, packed)).toEqual({ value: 64n - 17n })
    expect(ask('field_rshift_u64', [0, 0], local, packed)).toEqual({ value: 61n })
  })

  it('at a bit of its own, as BTF without widths has it, lies at its byte', () => {
    const odd = (btf: BtfBuilder) => addStruct(btf, 's', 8, [bits(u32(btf), 13, 0)])
    expect(ask('field_byte_offset', [0, 0], withField(0), odd)).toMatchObject({ value: 1n })
  })

  it('that is signed on either side says so', () => {
    const signed = (btf: BtfBuilder) => addStruct(btf, 's', 8, [member('x', addInt(btf, 'long', 8, true))])
    expect(ask('field_byte_offset', [0, 0], withField(0), signed)).toEqual({
      value: 0n,
      field: { localSize: 4, targetSize: 8, signed: true },
    })
    expect(ask('field_byte_offset', [0, 0], signed, withField(0))).toMatchObject({ field: { signed: true } })
    expect(ask('field_signed', [0, 0], withField(0), signed)).toEqual({ value: 1n })
    expect(ask('field_signed', [0, 0], signed, withField(0))).toEqual({ value: 0n })
  })

  it('that is no number has no width to change', () => {
    const inner = (btf: BtfBuilder) => addStruct(btf, 's', 4, [member('x', addStruct(btf, 'inner', 4, []))])
    expect(ask('field_byte_offset', [0, 0], inner, inner)).toEqual({ value: 0n })
  })

  it('that has no size on the kernel is at its place all the same', () => {
    const opaque = (btf: BtfBuilder) =>
      addStruct(btf, 's', 8, [member('x', btf.add({ kind: 'fwd', name: 'o', union: false }), 4)])
    expect(ask('field_byte_offset', [0, 0], opaque, opaque)).toEqual({ value: 4n })
    expect(ask('field_byte_size', [0, 0], opaque, opaque)).toEqual({ value: 0n })
  })

  it('is not found in structs that contain themselves, without end', () => {
    const endless = (btf: BtfBuilder) => {
      const id = btf.nextId
      return addStruct(btf, 's', 8, [member('', id), member('', id)])
    }
    expect(ask('field_exists', [0, 0], withField(0), endless)).toEqual({ value: 0n })
  })

  it('is not found in a chain of nameless structs longer than any kernel’s', () => {
    const chain = (length: number) => (btf: BtfBuilder) => {
      let inner = addStruct(btf, '', 4, [member('x', u32(btf))])
      for (let count = 0; count < length; count++) inner = addStruct(btf, '', 4, [member('', inner)])
      return addStruct(btf, 's', 4, [member('', inner)])
    }
    expect(ask('field_exists', [0, 0], withField(0), chain(500))).toEqual({ value: 1n })
    expect(ask('field_exists', [0, 0], withField(0), chain(20_000))).toEqual({ value: 0n })
  })

  it.each<[string, readonly number[], (btf: BtfBuilder) => BtfTypeId, string]>([
    ['a member that there is not', [0, 5], withField(0), 'struct s has no member 5'],
    ['a part of what has none', [0, 0, 1], withField(0), 'int unsigned int has no parts'],
  ])('that leads to %s of the object’s own types is refused', (_, access, local, message) => {
    expect(() => ask('field_exists', access, local, withField(0))).toThrow(InvalidSpecError)
    expect(() => ask('field_exists', access, local, withField(0))).toThrow(message)
  })

  it('is refused where a kernel’s type leads nowhere', () => {
    const broken = (btf: BtfBuilder) => addStruct(btf, 's', 4, [member('x', 999)])
    expect(() => ask('field_byte_offset', [0, 0], withField(0), broken)).toThrow(BpfError)
  })
})

describe('a field is of the nature that was compiled', () => {
  type Declare = (btf: BtfBuilder) => BtfTypeId
  const int: Declare = (btf) => addInt(btf, 'int', 4, true)
  const pointer: Declare = (btf) => btf.add({ kind: 'ptr', type: 0 })
  const array =
    (element: Declare): Declare =>
    (btf) =>
      btf.add({ kind: 'array', element: element(btf), index: u32(btf), length: 2 })
  const named =
    (name: string): Declare =>
    (btf) =>
      btf.add({ kind: 'enum', name, size: 4, signed: false, enumerators: [] })
  const declared =
    (name: string): Declare =>
    (btf) =>
      btf.add({ kind: 'fwd', name, union: false })
  const float: Declare = (btf) => btf.add({ kind: 'float', name: 'f', size: 4 })
  const prototype: Declare = (btf) => btf.add({ kind: 'func_proto', returns: 0, parameters: [] })
  const struct: Declare = (btf) => addStruct(btf, 'inner', 4, [])
  const union: Declare = (btf) => btf.add({ kind: 'union', name: 'other', size: 4, members: [] })
  const endless: Declare = (btf) => {
    const id = btf.nextId + 1
    return btf.add({ kind: 'array', element: id, index: u32(btf), length: 1 })
  }

  it.each<[string, Declare, Declare, boolean]>([
    ['integers', int, u32, true],
    ['an integer and a pointer', int, pointer, false],
    ['floats', float, float, true],
    ['arrays of integers', array(int), array(u32), true],
    ['arrays of integers and of pointers', array(int), array(pointer), false],
    ['an array and an integer', array(int), int, false],
    ['a struct and a union of another name', struct, union, true],
    ['enums of one name', named('e'), named('e___old'), true],
    ['enums of another', named('e'), named('f'), false],
    ['an enum without a name and any', named(''), named('f'), true],
    ['forward declarations of one name', declared('o'), declared('o'), true],
    ['forward declarations of another', declared('o'), declared('p'), false],
    ['prototypes, of which there are no fields', prototype, prototype, false],
    ['arrays of themselves', endless, endless, false],
  ])('%s', (_, local, target, expected) => {
    const of = (type: Declare) => (btf: BtfBuilder) => addStruct(btf, 's', 8, [member('x', type(btf))])
    expect(ask('field_exists', [0, 0], of(local), of(target))).toEqual({ value: expected ? 1n : 0n })
  })
})

describe('CoreResolver.locate', () => {
  it('changes no answer: what is looked up at once is what is looked up one by one', () => {
    const { btf, functions } = fixtureObject('core')
    const relocations = [...functions.values()].flatMap((part) => [...part.relocations.values()])
    expect(relocations.length).toBeGreaterThan(150)
    const answers = (locate: boolean) => {
      const kernel = fixtureObject('core-kernel-moved').btf
      if (btf === undefined || kernel === undefined) throw new Error('the fixtures have no types')
      const resolver = new CoreResolver(btf, [kernel])
      if (locate) resolver.locate(relocations)
      return relocations.map((relocation) => resolver.answer(relocation))
    }
    expect(answers(true)).toEqual(answers(false))
  })
})
