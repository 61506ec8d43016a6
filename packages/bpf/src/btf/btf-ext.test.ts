import { describe, expect, it } from 'vitest'
import { fixture, fixtureText } from '../../../../test/support/fixtures.js'
import { parseElf } from '../elf/parse-elf.js'
import { MalformedBtfError } from '../errors.js'
import { Btf } from './btf.js'
import { CORE_RELOCATION_KINDS, parseBtfExt } from './btf-ext.js'

function sections(name: string) {
  const elf = parseElf(fixture(`${name}.bpf.o`))
  const data = (section: string) =>
    elf.sections.find((candidate) => candidate.name === section)?.data ?? new Uint8Array()
  const btf = new Btf(data('.BTF'))
  return { elf, btf, ext: data('.BTF.ext') }
}

function read(name: string) {
  const { elf, btf, ext } = sections(name)
  return { elf, btf, ext: parseBtfExt(ext, btf) }
}

/** Where struct btf_ext_header has the places of its tables; each is relative to the header's end. */
const HEADER = { magic: 0, size: 4, functions: 8, lines: 16, relocations: 24 }

describe('parseBtfExt', () => {
  it.each(['calls', 'data', 'core-bits'])('tells of %s where each function begins, and its type', (name) => {
    const { elf, btf, ext } = read(name)
    const theirs = [...ext.functions].flatMap(([section, infos]) =>
      infos.map(({ offset, type }) => {
        const func = btf.type(type)
        return `${section}+${offset} ${func.kind === 'func' ? func.name : func.kind}`
      }),
    )
    const symbols = elf.symbols
      .filter(({ type }) => type === 'function')
      .map(({ name: symbol, section, value }) => `${elf.sections[section ?? 0]?.name}+${value} ${symbol}`)
    expect(theirs.sort()).toEqual(symbols.sort())
  })

  it.each(['calls', 'data', 'instructions-v4'])('tells of %s which line of the source is which', (name) => {
    const source = fixtureText(`${name}.bpf.c`).split('\n')
    const header = fixtureText('instructions.h').split('\n')
    const lines = [...read(name).ext.lines.values()].flat()
    expect(lines.length).toBeGreaterThan(30)
    for (const { file, line, text, column } of lines) {
      const [actual] = [file.endsWith('instructions.h') ? header : source].map((all) => all[line - 1])
      expect(text).toBe(actual)
      expect(column).toBeLessThanOrEqual(text.length + 1)
    }
  })

  it('has the relocations that llvm-objdump has', () => {
    // CO-RE <byte_off> [2] struct subject::parts[2].first (0:16:2:0)
    const { btf, ext } = read('core')
    const relocations = ext.relocations.get('socket') ?? []
    const at = (access: string, kind: string) =>
      relocations.find((entry) => entry.access.join(':') === access && entry.kind === kind)
    const parts = at('0:16:2:0', 'field_byte_offset')
    expect(parts?.type).toBe(btf.find('struct', 'subject')?.id)
    expect(at('0:22:9', 'field_byte_offset')).toBeDefined()
    // Every question that clang can ask occurs in the fixture.
    expect(new Set(relocations.map(({ kind }) => kind))).toEqual(new Set(CORE_RELOCATION_KINDS))
  })

  it('numbers the kinds of relocation as enum bpf_core_relo_kind does', () => {
    // include/uapi/linux/bpf.h: BPF_CORE_TYPE_ID_LOCAL 6, BPF_CORE_ENUMVAL_EXISTS 10, BPF_CORE_TYPE_MATCHES 12
    expect(CORE_RELOCATION_KINDS.indexOf('type_id_local')).toBe(6)
    expect(CORE_RELOCATION_KINDS.indexOf('enumval_exists')).toBe(10)
    expect(CORE_RELOCATION_KINDS.indexOf('type_matches')).toBe(12)
  })

  it('joins what stands in several parts of a table for one section', () => {
    const { btf, ext } = sections('calls')
    const bytes = Uint8Array.from(ext)
    const view = new DataView(bytes.buffer)
    const table = view.getUint32(HEADER.size, true) + view.getUint32(HEADER.functions, true)
    const first = btf.string(view.getUint32(table + 4, true))
    const count = view.getUint32(table + 8, true)
    const second = table + 12 + count * view.getUint32(table, true)
    const before = parseBtfExt(bytes, btf).functions
    view.setUint32(second, view.getUint32(table + 4, true), true)
    const joined = parseBtfExt(bytes, btf).functions
    expect(joined.get(first)).toHaveLength(count + view.getUint32(second + 4, true))
    expect(joined.size).toBe(before.size - 1)
  })

  it('does without relocations where an old compiler’s header has no place for them', () => {
    const { btf, ext } = sections('core')
    // Header of 24 bytes: the tables follow it, eight bytes sooner than behind that of 32.
    const bytes = Uint8Array.from([...ext.subarray(0, 24), ...ext.subarray(32)])
    new DataView(bytes.buffer).setUint32(HEADER.size, 24, true)
    const old = parseBtfExt(bytes, btf)
    expect(old.functions).toEqual(parseBtfExt(ext, btf).functions)
    expect(old.relocations.size).toBe(0)
  })
})

describe('parseBtfExt refuses', () => {
  const { btf, ext } = sections('core')
  const original = new DataView(ext.buffer, ext.byteOffset)
  const table = (header: number) => original.getUint32(HEADER.size, true) + original.getUint32(header, true)

  it.each<[string, (view: DataView) => void, string]>([
    ['another magic number', (view) => view.setUint16(HEADER.magic, 1, true), 'magic number 0xeb9f'],
    ['a table past the end', (view) => view.setUint32(HEADER.lines, 1 << 30, true), 'line table at offset'],
    [
      'a table that is longer than what is there',
      (view) => view.setUint32(HEADER.relocations + 4, 1 << 30, true),
      'relocation table at offset',
    ],
    [
      'a table too short for the size of its records',
      (view) => view.setUint32(HEADER.functions + 4, 3, true),
      'the function table is cut off',
    ],
    [
      'a table that ends within the head of a part',
      (view) => view.setUint32(HEADER.functions + 4, 8, true),
      'the function table is cut off',
    ],
    [
      'a table that ends within its records',
      (view) => view.setUint32(HEADER.functions + 4, 16, true),
      'end past the function table',
    ],
    [
      'records that are too short',
      (view) => view.setUint32(table(HEADER.lines), 12, true),
      'records of 12 bytes in the line table are too short',
    ],
    [
      'more records than there are, without making room for them',
      (view) => view.setUint32(table(HEADER.lines) + 8, 0xffffffff, true),
      'end past the line table',
    ],
    [
      'a section’s name past the strings',
      (view) => view.setUint32(table(HEADER.lines) + 4, 0xffffff, true),
      'a string at offset',
    ],
    [
      'a kind of relocation that there is not',
      (view) => view.setUint32(table(HEADER.relocations) + 12 + 12, 13, true),
      'a relocation is of the unknown kind 13',
    ],
    [
      'an access that is none',
      (view) => view.setUint32(table(HEADER.relocations) + 12 + 8, 0, true),
      '"" is no access string',
    ],
  ])('%s', (_, edit, message) => {
    const bytes = Uint8Array.from(ext)
    edit(new DataView(bytes.buffer))
    expect(() => parseBtfExt(bytes, btf)).toThrow(MalformedBtfError)
    expect(() => parseBtfExt(bytes, btf)).toThrow(message)
  })

  it('what is cut off anywhere', () => {
    for (let size = 0; size < ext.length; size += 5)
      expect(() => parseBtfExt(ext.subarray(0, size), btf)).toThrow(MalformedBtfError)
  })
})
