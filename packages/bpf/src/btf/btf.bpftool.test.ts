import { describe, expect, it } from 'vitest'
import { fixture, fixtureText } from '../../../../test/support/fixtures.js'
import { parseElf } from '../elf/parse-elf.js'
import { Btf } from './btf.js'
import type { BtfType } from './btf-type.js'

/** A type as bpftool prints it: a line of X.btf.jsonl, written by scripts/generate-fixtures.mjs. */
interface BpftoolType {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly size: number
  readonly type_id: number
  readonly bits_offset: number
  readonly nr_bits: number
  readonly encoding: string
  readonly index_type_id: number
  readonly nr_elems: number
  readonly ret_type_id: number
  readonly fwd_kind: string
  readonly linkage: BtfType & { kind: 'func' } extends { linkage: infer L } ? L : never
  readonly component_idx: number
  readonly vlen: number
  readonly members: readonly { name: string; type_id: number; bits_offset: number; bitfield_size?: number }[]
  readonly params: readonly { name: string; type_id: number }[]
  readonly vars: readonly { type_id: number; offset: number; size: number }[]
  /** Values are kept as text: 64 bits do not survive JSON.parse. */
  readonly values: readonly { name: string; val: string }[]
}

function bpftoolTypes(name: string): BpftoolType[] {
  return fixtureText(`${name}.btf.jsonl`)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line.replace(/"val":(-?\d+)/g, '"val":"$1"')) as BpftoolType)
}

const named = (name: string) => (name === '(anon)' ? '' : name)

/** The same type as we have it. */
function asOurs(type: BpftoolType): BtfType {
  const name = named(type.name)
  const { size, type_id: id } = type
  switch (type.kind) {
    case 'INT':
      return {
        kind: 'int',
        name,
        size,
        bits: type.nr_bits,
        bitOffset: type.bits_offset,
        signed: type.encoding === 'SIGNED',
        char: type.encoding === 'CHAR',
        bool: type.encoding === 'BOOL',
      }
    case 'PTR':
      return { kind: 'ptr', type: id }
    case 'ARRAY':
      return { kind: 'array', element: id, index: type.index_type_id, length: type.nr_elems }
    case 'STRUCT':
    case 'UNION': {
      const members = type.members.map((member) => ({
        name: named(member.name),
        type: member.type_id,
        bitOffset: member.bits_offset,
        bitfieldSize: member.bitfield_size ?? 0,
      }))
      return { kind: type.kind === 'STRUCT' ? 'struct' : 'union', name, size, members }
    }
    case 'ENUM':
    case 'ENUM64': {
      const enumerators = type.values.map((value) => ({ name: value.name, value: BigInt(value.val) }))
      const kind = type.kind === 'ENUM' ? 'enum' : 'enum64'
      return { kind, name, size, signed: type.encoding === 'SIGNED', enumerators }
    }
    case 'FWD':
      return { kind: 'fwd', name, union: type.fwd_kind === 'union' }
    case 'TYPEDEF':
      return { kind: 'typedef', name, type: id }
    case 'VOLATILE':
      return { kind: 'volatile', type: id }
    case 'CONST':
      return { kind: 'const', type: id }
    case 'RESTRICT':
      return { kind: 'restrict', type: id }
    case 'FUNC':
      return { kind: 'func', name, type: id, linkage: type.linkage }
    case 'FUNC_PROTO': {
      const parameters = type.params.map((parameter) => ({
        name: named(parameter.name),
        type: parameter.type_id,
      }))
      return { kind: 'func_proto', returns: type.ret_type_id, parameters }
    }
    case 'VAR':
      return { kind: 'var', name, type: id, linkage: type.linkage }
    case 'DATASEC':
      return {
        kind: 'datasec',
        name,
        size,
        variables: type.vars.map((variable) => ({
          type: variable.type_id,
          offset: variable.offset,
          size: variable.size,
        })),
      }
    case 'FLOAT':
      return { kind: 'float', name, size }
    case 'DECL_TAG':
      return { kind: 'decl_tag', name, type: id, component: type.component_idx }
    case 'TYPE_TAG':
      return { kind: 'type_tag', name, type: id }
    default:
      throw new Error(`bpftool knows a kind ${type.kind}`)
  }
}

function btfOf(name: string): Btf {
  const section = parseElf(fixture(`${name}.bpf.o`)).sections.find((candidate) => candidate.name === '.BTF')
  return new Btf(section?.data ?? new Uint8Array())
}

describe('types are read as bpftool reads them', () => {
  it.each([
    'types',
    'data',
    'maps',
    'calls',
    'records',
    'core',
    'core-kernel-moved',
    'core-bits-kernel-packed',
  ])('%s', (name) => {
    const theirs = bpftoolTypes(name).map((type): [number, BtfType] => [type.id, asOurs(type)])
    expect([...btfOf(name).types()]).toEqual(theirs)
  })

  it('every kind occurs among them', () => {
    const kinds = new Set(bpftoolTypes('types').map(({ kind }) => kind))
    expect(kinds.size).toBe(19)
  })
})
