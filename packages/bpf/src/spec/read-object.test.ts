import { describe, expect, it } from 'vitest'
import { fixture, fixtureObject, fixtureText } from '../../../../test/support/fixtures.js'
import { isCall, isWide } from '../asm/instruction.js'
import type { BtfTypeId } from '../btf/btf-type.js'
import { btfTypeName } from '../btf/btf-type.js'
import type { ObjectSpec } from './object-spec.js'
import { readObject } from './read-object.js'

/** A function's references, by the slot in its section, as llvm-objdump has relocations. */
function references(spec: ObjectSpec, section: string): string[] {
  return [...spec.functions.values()]
    .filter((part) => part.section === section)
    .flatMap((part) =>
      part.code.flatMap(({ origin, reference }) => {
        if (reference === undefined) return []
        const what = reference.kind === 'data' ? `${reference.section}+${reference.offset}` : reference.name
        return [`${origin / 8}: ${reference.kind} ${what}`]
      }),
    )
}

const typeName = (spec: ObjectSpec, id: BtfTypeId | undefined) =>
  id === undefined || spec.btf === undefined ? undefined : btfTypeName(spec.btf.type(id))

describe('the maps of an object', () => {
  const spec = fixtureObject('maps')

  it.each([
    ['hash', 'hash', 8, 24, 10240, 1],
    ['array', 'array', 4, 8, 3, 0],
    ['programs', 'prog_array', 4, 4, 2, 0],
    ['perf_events', 'perf_event_array', 0, 24, 0, 0],
    ['percpu_hash', 'percpu_hash', 4, 24, 16, 0],
    ['percpu_array', 'percpu_array', 4, 24, 1, 0],
    ['lru_hash', 'lru_hash', 8, 24, 100, 0],
    ['lpm_trie', 'lpm_trie', 8, 1, 64, 1],
    ['queue', 'queue', 0, 4, 7, 0],
    ['ring', 'ringbuf', 0, 24, 4096, 0],
    ['unused', 'array', 4, 4, 1, 0],
  ])('%s is what maps.bpf.c declares', (name, kind, keySize, valueSize, maxEntries, flags) => {
    expect(spec.maps.get(name)).toMatchObject({ name, kind, keySize, valueSize, maxEntries, flags })
  })

  it('are all that it declares, with the types of keys and values', () => {
    expect(spec.maps.size).toBe(11)
    expect(typeName(spec, spec.maps.get('hash')?.key)).toBe('key')
    expect(typeName(spec, spec.maps.get('hash')?.value)).toBe('value')
    expect(typeName(spec, spec.maps.get('ring')?.value)).toBe('value')
    expect(spec.maps.get('programs')).toMatchObject({ key: undefined, value: undefined })
    expect(spec.maps.get('lru_hash')?.value).toBeUndefined()
  })
})

describe('the programs of an object', () => {
  it('are its functions outside of .text, each with where it is to run', () => {
    const programs = [...fixtureObject('maps').programs.values()]
    expect(Object.fromEntries(programs.map(({ name, attach }) => [name, attach]))).toEqual({
      raw: { kind: 'raw_tp', name: 'sys_enter' },
      typed: { kind: 'tp_btf', name: 'sched_process_exec' },
      classic: { kind: 'tracepoint', group: 'sched', name: 'sched_process_exit' },
      asked_for: { kind: 'tracepoint', group: 'sock', name: 'inet_sock_set_state' },
      unknown: { kind: 'unknown', section: 'kprobe/tcp_v4_connect' },
    })
    expect([...fixtureObject('calls').programs.keys()].sort()).toEqual([
      'callbacks',
      'first',
      'helpers',
      'second',
    ])
  })

  it('have the object’s licence', () => {
    expect(fixtureObject('maps').license).toBe('GPL')
  })
})

describe('the functions of an object', () => {
  const spec = fixtureObject('calls')

  it('are those that llvm-objdump has, as long as it says', () => {
    const theirs = [
      ...fixtureText('calls.objdump.txt').matchAll(/^[0-9a-f]{16} <(?<name>\w+)>:\n(?<code>(?:.+\n)+)/gm),
    ].map(({ groups }) => `${groups?.['name']} ${groups?.['code']?.match(/^ +\d+:\t/gm)?.length}`)
    expect([...spec.functions.values()].map(({ name, code }) => `${name} ${code.length}`).sort()).toEqual(
      theirs.sort(),
    )
  })

  it('have their types, lines and relocations', () => {
    for (const part of spec.functions.values()) {
      expect(typeName(spec, part.type)).toBe(part.name)
      expect([...part.lines.keys()][0]).toBe(part.code[0]?.origin)
    }
    const core = fixtureObject('core').functions.get('load_parts')
    expect([...(core?.relocations.values() ?? [])].map(({ access }) => access.join(':'))).toEqual([
      '0:16:2:0',
      '0:15:1',
      '0:17',
      '0:1',
      '0:0',
    ])
  })

  it('refer to each other by name: within .text, across sections, static and global, and as callbacks', () => {
    expect(references(spec, '.text')).toEqual([
      '0: function inner',
      '5: function innermost',
      '9: function innermost',
    ])
    expect(references(spec, 'socket/first')).toEqual(['2: function outer', '5: function inner'])
    expect(references(spec, 'socket/callbacks')).toEqual([
      '4: map numbers',
      '6: function each',
      '12: function again',
    ])
    expect(references(spec, 'socket/helpers')).toEqual([])
  })

  it('refer to maps and data by the names that llvm-objdump has', () => {
    for (const name of ['data', 'maps']) {
      const object = fixtureObject(name)
      const theirs = [...fixtureText(`${name}.objdump.txt`).matchAll(/R_BPF_64_64\t(.+)$/gm)].map(
        ([, symbol]) => symbol,
      )
      const ours = [...object.functions.values()].flatMap((part) =>
        part.code.flatMap(({ reference }) => {
          if (reference?.kind === 'map') return [reference.name]
          if (reference?.kind !== 'data') return []
          const { section, offset } = reference
          const variable = [...(object.data.get(section)?.variables.values() ?? [])].find(
            (at) => at.offset === offset,
          )
          return [variable?.name]
        }),
      )
      // Static variables are reached through their section.
      const named = theirs.map((symbol) =>
        symbol === '.data' ? 'hidden' : symbol === '.bss' ? 'quiet' : symbol,
      )
      expect(ours).toEqual(named)
    }
  })

  it('are as many wide loads and calls as their references, but for helpers', () => {
    for (const part of spec.functions.values())
      for (const insn of part.code)
        expect(insn.reference !== undefined).toBe(isWide(insn) || (isCall(insn) && insn.src === 1))
  })
})

describe('the data of an object', () => {
  const spec = fixtureObject('data')

  it('is what stands in its sections, each variable at the place of its symbol', () => {
    expect(
      [...spec.data.values()].map(({ name, readOnly, bytes }) => [name, readOnly, bytes.length]),
    ).toEqual([
      ['.rodata', true, 88],
      ['.rodata.more', true, 4],
      ['.data', false, 12],
      ['.bss', false, 40],
    ])
    const at = (section: string, name: string) => {
      const data = spec.data.get(section)
      const variable = data?.variables.get(name)
      if (data === undefined || variable === undefined) return undefined
      return Buffer.from(data.bytes.subarray(variable.offset, variable.offset + variable.size)).toString(
        'hex',
      )
    }
    // The initial values in data.bpf.c, little-endian.
    expect(at('.rodata', 'flag')).toBe('01')
    expect(at('.rodata', 'signed16')).toBe('d08a')
    expect(at('.rodata', 'unsigned64')).toBe('1032547698badcfe')
    expect(at('.rodata', 'text')).toBe(`68656c6c6f${'00'.repeat(11)}`)
    expect(at('.rodata', 'pair')).toBe('0700000008000000')
    expect(at('.rodata', 'unset')).toBe('00000000')
    expect(at('.rodata.more', 'elsewhere')).toBe('05000000')
    expect(at('.data', 'counter')).toBe('2a00000000000000')
    expect(at('.data', 'hidden')).toBe('07000000')
    expect(at('.bss', 'zeroes')).toBe('00'.repeat(32))
    expect(at('.bss', 'quiet')).toBe('00'.repeat(8))
  })

  it('is a copy: editing it leaves the file as it was', () => {
    const bytes = fixture('data.bpf.o')
    const before = Uint8Array.from(bytes)
    for (const data of readObject(bytes).data.values()) data.bytes.fill(0xff)
    expect(Buffer.from(bytes)).toEqual(Buffer.from(before))
  })
})

describe('some programs of an object', () => {
  const whole = fixtureObject('calls')
  const names = [...whole.programs.keys()]

  it.each(names)('%s is read as it is of the whole object, with all that it calls', (name) => {
    const spec = readObject(fixture('calls.bpf.o'), { programs: [name] })
    const section = whole.functions.get(name)?.section
    const expected = [...whole.functions.values()].filter(
      (part) => part.section === section || part.section === '.text',
    )
    expect([...spec.functions.values()]).toEqual(expected)
    expect([...spec.programs.keys()]).toEqual(
      expected.filter((part) => part.section !== '.text').map((part) => part.name),
    )
    expect(spec.maps).toEqual(whole.maps)
  })

  it('that the object does not have are not there', () => {
    expect(readObject(fixture('calls.bpf.o'), { programs: ['nothing'] }).programs.size).toBe(0)
  })
})
