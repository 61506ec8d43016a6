import { describe, expect, it } from 'vitest'
import { fixtureObject } from '../../../../test/support/fixtures.js'
import { MalformedBtfError } from '../errors.js'
import { Btf } from './btf.js'
import { BtfBuilder } from './btf-builder.js'
import { type BtfKind, type BtfType, type BtfTypeId, btfTypeName } from './btf-type.js'
import { type BtfSupport, lowerBtf } from './lower-btf.js'

const FLAGS = ['functions', 'variables', 'globalFunctions', 'float', 'declTag', 'typeTag', 'enum64'] as const

/** Every combination of what a kernel may know. */
const COMBINATIONS: readonly BtfSupport[] = Array.from({ length: 1 << FLAGS.length }, (_, bits) => ({
  functions: (bits & 1) !== 0,
  variables: (bits & 2) !== 0,
  globalFunctions: (bits & 4) !== 0,
  float: (bits & 8) !== 0,
  declTag: (bits & 16) !== 0,
  typeTag: (bits & 32) !== 0,
  enum64: (bits & 64) !== 0,
}))
const named = (support: BtfSupport) => FLAGS.filter((flag) => support[flag]).join(', ') || 'nothing of it'
const ALL: BtfSupport = {
  functions: true,
  variables: true,
  globalFunctions: true,
  float: true,
  declTag: true,
  typeTag: true,
  enum64: true,
}

/** The kinds that a kernel knows: what Linux 4.18 had, and what came later. */
function allowed(support: BtfSupport): Set<BtfKind> {
  const kinds: BtfKind[] = ['int', 'ptr', 'array', 'struct', 'union', 'enum', 'fwd', 'typedef']
  kinds.push('volatile', 'const', 'restrict')
  if (support.functions) kinds.push('func', 'func_proto')
  if (support.variables) kinds.push('var', 'datasec')
  if (support.float) kinds.push('float')
  if (support.typeTag) kinds.push('type_tag')
  if (support.enum64) kinds.push('enum64')
  return new Set(kinds)
}

const btf = fixtureObject('types').btf ?? new Btf(new Uint8Array())
const roots = [...btf.types()].map(([id]) => id)

/** Offsets and sizes of all that a struct holds, down to its leaves. */
function layout(types: Btf, id: BtfTypeId, depth = 0): unknown {
  const { id: resolved, type } = types.resolve(id)
  if (type.kind !== 'struct' && type.kind !== 'union')
    return type.kind === 'void' || type.kind === 'fwd' ? type.kind : types.sizeOf(resolved)
  // A float that the kernel does not know stands as a struct without members: its size is what counts.
  if (type.members.length === 0 || depth > 8) return type.size
  const members = type.members.map((member) => ({
    name: member.name,
    at: member.bitOffset,
    bits: member.bitfieldSize,
    of: layout(types, member.type, depth + 1),
  }))
  return { kind: type.kind, name: type.name, size: type.size, members }
}

/** What becomes of the fixture's types for a kernel. */
const LOWERED = COMBINATIONS.map((support) => {
  const lowered = lowerBtf(btf, roots, support)
  return {
    kernel: `a kernel that knows ${named(support)}`,
    support,
    lowered,
    result: lowered.builder.build(),
  }
})

describe('BTF for a kernel, whatever it knows,', () => {
  it('holds only kinds that it knows', () => {
    for (const { kernel, support, result } of LOWERED) {
      const kinds = allowed(support)
      const types = [...result.types()].map(([, type]) => type)
      expect(
        types.filter(({ kind }) => !kinds.has(kind)),
        kernel,
      ).toEqual([])
      if (!support.globalFunctions)
        expect(
          types.some((type) => type.kind === 'func' && type.linkage === 'global'),
          kernel,
        ).toBe(false)
      if (!support.enum64)
        expect(
          types.some((type) => type.kind === 'enum' && type.signed),
          kernel,
        ).toBe(false)
    }
  })

  it('refers to nothing that is not there', () => {
    for (const { kernel, result } of LOWERED) {
      for (const [id, type] of result.types()) {
        const references = referencesOf(type)
        expect(
          references.filter((reference) => reference >= result.endId),
          kernel,
        ).toEqual([])
        expect(references, kernel).not.toContain(id)
      }
    }
  })

  it('keeps size and place of all that structs hold', () => {
    for (const { kernel, lowered, result } of LOWERED) {
      for (const [id, type] of btf.types()) {
        if (type.kind !== 'struct' && type.kind !== 'union') continue
        expect(layout(result, lowered.idOf(id)), kernel).toEqual(layout(btf, id))
      }
    }
  })

  it('keeps names, and leaves out only what it cannot hold', () => {
    for (const { kernel, support, lowered, result } of LOWERED) {
      const kinds = allowed(support)
      for (const [id, type] of btf.types()) {
        const kept = lowered.idOf(id)
        if (kept !== 0 && type.kind !== 'type_tag')
          expect(btfTypeName(result.type(kept)), kernel).toBe(btfTypeName(type))
        const replaced = ['float', 'enum64', 'type_tag'].includes(type.kind)
        if (kept === 0) expect(kinds.has(type.kind) || replaced, kernel).toBe(false)
      }
    }
  })
})

function referencesOf(type: BtfType): BtfTypeId[] {
  switch (type.kind) {
    case 'array':
      return [type.element, type.index]
    case 'struct':
    case 'union':
      return type.members.map((member) => member.type)
    case 'func_proto':
      return [type.returns, ...type.parameters.map((parameter) => parameter.type)]
    case 'datasec':
      return type.variables.map((variable) => variable.type)
    default:
      return 'type' in type ? [type.type] : []
  }
}

describe('lowerBtf', () => {
  it('keeps only what the roots lead to', () => {
    const bits = btf.find('struct', 'bits')
    const lowered = lowerBtf(btf, [bits?.id ?? 0], ALL)
    const names = [...lowered.builder.build().types()].map(([, type]) => btfTypeName(type))
    expect(names).toContain('bits')
    expect(names).toContain('plain')
    expect(names).not.toContain('everything')
    expect(lowered.idOf(btf.find('struct', 'everything')?.id ?? 0)).toBe(0)
  })

  it('changes nothing but the numbers for a kernel that knows all, tags on declarations left out', () => {
    const lowered = lowerBtf(btf, roots, ALL)
    const result = lowered.builder.build()
    const kinds = (types: Btf) => [...types.types()].map(([, { kind }]) => kind)
    expect(kinds(result).sort()).toEqual(
      kinds(btf)
        .filter((kind) => kind !== 'decl_tag')
        .sort(),
    )
    for (const [id, type] of btf.types()) {
      const kept = result.type(lowered.idOf(id))
      if (type.kind === 'func')
        expect(kept).toMatchObject({ kind: 'func', name: type.name, linkage: type.linkage })
      if (type.kind === 'enum' || type.kind === 'enum64') expect(kept).toEqual(type)
    }
  })

  it('makes an enum64 an integer of its name, size and sign', () => {
    const large = btf.find('enum64', 'large_negative')
    const lowered = lowerBtf(btf, [large?.id ?? 0], { ...ALL, enum64: false })
    expect(lowered.builder.build().type(lowered.idOf(large?.id ?? 0))).toMatchObject({
      kind: 'int',
      name: 'large_negative',
      size: 8,
      bits: 64,
      signed: true,
    })
  })

  it('keeps the bits of negative values where enums have no sign', () => {
    const negative = btf.find('enum', 'negative')
    const lowered = lowerBtf(btf, [negative?.id ?? 0], { ...ALL, enum64: false })
    expect(lowered.builder.build().type(lowered.idOf(negative?.id ?? 0))).toMatchObject({
      signed: false,
      enumerators: [
        { name: 'NEGATIVE', value: 0xffff_fffbn },
        { name: 'POSITIVE', value: 5n },
      ],
    })
  })

  it('takes a type tag for what it is on, through any number of them', () => {
    const types = new BtfBuilder()
    const int = types.add({
      kind: 'int',
      name: 'int',
      size: 4,
      bits: 32,
      bitOffset: 0,
      signed: true,
      char: false,
      bool: false,
    })
    let tag = int
    for (let count = 0; count < 20_000; count++) tag = types.add({ kind: 'type_tag', name: 't', type: tag })
    const pointer = types.add({ kind: 'ptr', type: tag })
    const lowered = lowerBtf(types.build(), [tag, pointer], { ...ALL, typeTag: false })
    const result = [...lowered.builder.build().types()].map(([, type]) => type)
    expect(result.map(({ kind }) => kind).sort()).toEqual(['int', 'ptr'])
    expect(lowered.idOf(tag)).toBe(lowered.idOf(int))
    expect(lowered.builder.build().type(lowered.idOf(pointer))).toMatchObject({ type: lowered.idOf(int) })
  })

  // It once went round without end.
  it('refuses a type tag that is on itself', () => {
    const types = new BtfBuilder()
    types.add({ kind: 'type_tag', name: 'a', type: 2 })
    types.add({ kind: 'type_tag', name: 'b', type: 1 })
    expect(() => lowerBtf(types.build(), [1], { ...ALL, typeTag: false })).toThrow(MalformedBtfError)
  })
})
