import { describe, expect, it } from 'vitest'
import { EHDR, ElfEdit, REL, SHDR, SYM } from '../../../../test/support/elf-edit.js'
import { fixture } from '../../../../test/support/fixtures.js'
import { MalformedElfError } from '../errors.js'
import { parseElf } from './parse-elf.js'

const original = fixture('calls.bpf.o')

/** The message that an object gives after something was written into it. */
function messageAfter(edit: (elf: ElfEdit, view: DataView) => void): string {
  const elf = new ElfEdit(original)
  edit(elf, elf.view)
  try {
    parseElf(elf.bytes)
  } catch (error) {
    if (error instanceof MalformedElfError) return error.message
    throw error
  }
  throw new Error('it was read')
}

describe('parseElf refuses', () => {
  it.each([0, 1, 63])('a file of %d bytes', (size) => {
    expect(() => parseElf(original.subarray(0, size))).toThrow(MalformedElfError)
  })

  it('a file that is cut off anywhere before its last section header', () => {
    // clang puts the section headers at the end.
    for (let size = 64; size < original.length; size += 7)
      expect(() => parseElf(original.subarray(0, size))).toThrow(MalformedElfError)
  })

  it.each<[string, (elf: ElfEdit, view: DataView) => void, string]>([
    ['another magic number', (_, view) => view.setUint8(EHDR.magic, 0), 'does not begin with the ELF magic'],
    ['a 32-bit file', (_, view) => view.setUint8(EHDR.class, 1), 'is not a 64-bit file'],
    ['a big-endian file', (_, view) => view.setUint8(EHDR.data, 2), 'is not little-endian'],
    ['another machine', (_, view) => view.setUint16(EHDR.machine, 62, true), 'its machine is 62, not BPF'],
    ['no sections', (_, view) => view.setUint16(EHDR.shnum, 0, true), 'it has no sections'],
    [
      'section headers of another size',
      (_, view) => view.setUint16(EHDR.shentsize, 40, true),
      '40 bytes is not',
    ],
    [
      'more sections than there are',
      (_, view) => view.setUint16(EHDR.shnum, 0xffff, true),
      'section table at',
    ],
    [
      'a section table beyond what a number holds',
      (_, view) => view.setBigUint64(EHDR.shoff, 2n ** 64n - 1n, true),
      'section table at',
    ],
    [
      'a section table that ends past the file',
      (_, view) => view.setBigUint64(EHDR.shoff, BigInt(original.length - 63), true),
      'section table at',
    ],
    [
      'names in a section that there is not',
      (_, view) => view.setUint16(EHDR.shstrndx, 17, true),
      'the section name table is section 17 of 17',
    ],
    [
      'names in a section without bytes',
      (_, view) => view.setUint16(EHDR.shstrndx, 0, true),
      'name of section 0 at offset 0',
    ],
    [
      'a section name past the names',
      (elf, view) => view.setUint32(elf.header('.text') + SHDR.name, 0x7fffffff, true),
      'name of section 2 at offset 2147483647',
    ],
    [
      'a section that begins past the file',
      (elf, view) => view.setBigUint64(elf.header('.text') + SHDR.offset, BigInt(original.length), true),
      'section .text at offset',
    ],
    [
      'a section whose size wraps around',
      (elf, view) => view.setBigUint64(elf.header('.text') + SHDR.size, 2n ** 64n - 64n, true),
      'section .text at offset',
    ],
    [
      'sections that overlap so that they hold more than the file',
      (elf, view) => {
        view.setBigUint64(elf.header('.BTF') + SHDR.offset, 0n, true)
        view.setBigUint64(elf.header('.BTF') + SHDR.size, BigInt(original.length), true)
      },
      'overlap',
    ],
    [
      'two symbol tables',
      (elf, view) => view.setUint32(elf.header('license') + SHDR.type, 2, true),
      'it has 2 symbol tables',
    ],
    [
      'a symbol table whose names are no strings',
      (elf, view) => view.setUint32(elf.header('.symtab') + SHDR.link, 2, true),
      'section 2, are no string table',
    ],
    [
      'a symbol table whose names are nowhere',
      (elf, view) => view.setUint32(elf.header('.symtab') + SHDR.link, 999, true),
      'section 999, are no string table',
    ],
    [
      'a symbol table that ends within a symbol',
      (elf, view) => view.setBigUint64(elf.header('.symtab') + SHDR.size, 25n, true),
      '25 bytes holds no whole symbols',
    ],
    [
      'a symbol name past the names',
      (elf, view) => view.setUint32(elf.symbol('outer') + SYM.name, 0x10000, true),
      'name of symbol 10 at offset 65536',
    ],
    [
      'a symbol in a section that there is not',
      (elf, view) => view.setUint16(elf.symbol('outer') + SYM.shndx, 17, true),
      'symbol outer lies in section 17 of 17',
    ],
    [
      'relocations with addends, which BPF has not',
      (elf, view) => view.setUint32(elf.header('.relsocket/first') + SHDR.type, 4, true),
      'SHT_RELA',
    ],
    [
      'relocations of a section that there is not',
      (elf, view) => view.setUint32(elf.header('.relsocket/first') + SHDR.info, 17, true),
      '.relsocket/first relocates section 17 of 17',
    ],
    [
      'two sections of relocations for one section',
      (elf, view) => view.setUint32(elf.header('.relsocket/first') + SHDR.info, 6, true),
      'section 6 has two sections of relocations',
    ],
    [
      'relocations that end within one',
      (elf, view) => view.setBigUint64(elf.header('.relsocket/first') + SHDR.size, 17n, true),
      'holds no whole relocations',
    ],
    [
      'a relocation to a symbol that there is not',
      (elf, view) => view.setUint32(elf.section('.relsocket/first') + REL.symbol, 18, true),
      '.relsocket/first, entry 0, refers to symbol 18 of 18',
    ],
  ])('%s', (_, edit, message) => {
    expect(messageAfter(edit)).toContain(message)
  })

  it('relocations of an object without symbols', () => {
    const message = messageAfter((elf, view) =>
      view.setUint32(elf.header('.symtab') + SHDR.type, 0x6fff4c03, true),
    )
    expect(message).toContain('refers to symbol 10 of 0')
  })
})

describe('parseElf accepts', () => {
  it('symbols that lie in no section: undefined, absolute, common', () => {
    for (const section of [0, 0xfff1, 0xfff2]) {
      const elf = new ElfEdit(original)
      elf.view.setUint16(elf.symbol('lonely') + SYM.shndx, section, true)
      const lonely = parseElf(elf.bytes).symbols.find(({ name }) => name === 'lonely')
      expect(lonely?.section).toBeUndefined()
    }
  })

  it('types and bindings that it has no name for', () => {
    const elf = new ElfEdit(original)
    elf.view.setUint8(elf.symbol('lonely') + SYM.info, 0xdd)
    expect(parseElf(elf.bytes).symbols.find(({ name }) => name === 'lonely')).toMatchObject({
      type: 'other',
      binding: 'other',
    })
  })

  it('a section without bytes of any size, of which it takes no memory', () => {
    const elf = new ElfEdit(fixture('data.bpf.o'))
    elf.view.setBigUint64(elf.header('.bss') + SHDR.size, 2n ** 62n, true)
    const bss = parseElf(elf.bytes).sections.find(({ name }) => name === '.bss')
    expect(bss).toMatchObject({ size: Number.MAX_SAFE_INTEGER, type: 'nobits' })
    expect(bss?.data).toHaveLength(0)
  })

  it('an object that was part of a larger buffer', () => {
    const padded = new Uint8Array(original.length + 3)
    padded.set(original, 3)
    expect(parseElf(padded.subarray(3)).symbols).toEqual(parseElf(original).symbols)
  })
})
