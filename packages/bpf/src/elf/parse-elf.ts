import { MalformedElfError } from '../errors.js'
import { ByteReader } from './byte-reader.js'
import type { ElfFile, ElfRelocation, ElfSection, ElfSectionType, ElfSymbol } from './elf-file.js'

const EM_BPF = 247
const SHN_LORESERVE = 0xff00

const FILE_HEADER_SIZE = 64
const SECTION_HEADER_SIZE = 64
const SYMBOL_SIZE = 24
const REL_SIZE = 16

const SECTION_TYPES: Readonly<Record<number, ElfSectionType>> = {
  0: 'null',
  1: 'progbits',
  2: 'symtab',
  3: 'strtab',
  4: 'rela',
  8: 'nobits',
  9: 'rel',
}
const SYMBOL_TYPES = ['none', 'object', 'function', 'section', 'file'] as const
const SYMBOL_BINDINGS = ['local', 'global', 'weak'] as const

function malformed(message: string): MalformedElfError {
  return new MalformedElfError(`Cannot read ELF object: ${message}`)
}

/**
 * Reads an ELF64 little-endian BPF object file.
 *
 * The result holds views into `bytes`, no copies. Every offset and count is checked, so that hostile bytes end
 * in an error and not in a wrong read. Layout: elf(5); the machine number and relocation types: the kernel's
 * Documentation/bpf/llvm_reloc.rst.
 *
 * @throws {MalformedElfError} if the bytes are no such file
 */
export function parseElf(bytes: Uint8Array): ElfFile {
  const reader = new ByteReader(bytes, malformed)
  checkIdentity(reader)
  const sections = readSections(reader)
  const symbols = readSymbols(sections)
  return { sections, symbols, relocations: readRelocations(sections, symbols) }
}

function checkIdentity(reader: ByteReader): void {
  if (reader.length < FILE_HEADER_SIZE)
    throw malformed(`${reader.length} bytes are too few for a file header`)
  if (reader.u32(0, 'magic') !== 0x464c457f) throw malformed('it does not begin with the ELF magic number')
  if (reader.u8(4, 'class') !== 2) throw malformed('it is not a 64-bit file')
  if (reader.u8(5, 'byte order') !== 1) throw malformed('it is not little-endian; compile with -target bpfel')
  const machine = reader.u16(18, 'machine')
  if (machine !== EM_BPF)
    throw malformed(`its machine is ${machine}, not BPF (${EM_BPF}); compile with -target bpfel`)
}

// Elf64_Ehdr: e_shoff u64@40, e_shentsize u16@58, e_shnum u16@60, e_shstrndx u16@62
// Elf64_Shdr: name u32@0, type u32@4, flags u64@8, addr u64@16, offset u64@24, size u64@32, link u32@40, info u32@44
function readSections(reader: ByteReader): ElfSection[] {
  const tableOffset = reader.size64(40, 'section table offset')
  const entrySize = reader.u16(58, 'section header size')
  const count = reader.u16(60, 'section count')
  const namesIndex = reader.u16(62, 'section name table index')
  if (count === 0) throw malformed('it has no sections')
  if (entrySize !== SECTION_HEADER_SIZE)
    throw malformed(`a section header of ${entrySize} bytes is not ELF64`)
  reader.need(tableOffset, count * SECTION_HEADER_SIZE, 'section table')
  if (namesIndex >= count) throw malformed(`the section name table is section ${namesIndex} of ${count}`)

  const header = (index: number) => tableOffset + index * SECTION_HEADER_SIZE
  const names = new ByteReader(sectionData(reader, header(namesIndex), 'section name table'), malformed)
  const sections = Array.from({ length: count }, (_, index): ElfSection => {
    const at = header(index)
    const name = names.cString(reader.u32(at, 'section name'), `name of section ${index}`)
    const flags = reader.u32(at + 8, 'section flags')
    return {
      index,
      name,
      type: SECTION_TYPES[reader.u32(at + 4, 'section type')] ?? 'other',
      flags: { write: (flags & 1) !== 0, alloc: (flags & 2) !== 0, execute: (flags & 4) !== 0 },
      size: reader.size64(at + 32, 'section size'),
      data: sectionData(reader, at, `section ${name || index}`),
      link: reader.u32(at + 40, 'section link'),
      info: reader.u32(at + 44, 'section info'),
    }
  })
  // What is read of a file must not be more than the file: sections do not share bytes.
  const bytes = sections.reduce((sum, section) => sum + section.data.byteLength, 0)
  if (bytes > reader.length)
    throw malformed(`its sections hold ${bytes} bytes and overlap: the file has ${reader.length}`)
  return sections
}

function sectionData(reader: ByteReader, header: number, what: string): Uint8Array {
  const type = SECTION_TYPES[reader.u32(header + 4, 'section type')]
  if (type === 'nobits' || type === 'null') return new Uint8Array()
  return reader.slice(
    reader.size64(header + 24, 'section offset'),
    reader.size64(header + 32, 'section size'),
    what,
  )
}

// Elf64_Sym: name u32@0, info u8@4 (binding << 4 | type), other u8@5, shndx u16@6, value u64@8, size u64@16
function readSymbols(sections: readonly ElfSection[]): ElfSymbol[] {
  const tables = sections.filter((section) => section.type === 'symtab')
  if (tables.length > 1) throw malformed(`it has ${tables.length} symbol tables`)
  const table = tables[0]
  if (table === undefined) return []
  const namesSection = sections[table.link]
  if (namesSection?.type !== 'strtab')
    throw malformed(`the symbol table's names, section ${table.link}, are no string table`)
  if (table.size % SYMBOL_SIZE !== 0)
    throw malformed(`a symbol table of ${table.size} bytes holds no whole symbols`)
  const names = new ByteReader(namesSection.data, malformed)
  const reader = new ByteReader(table.data, malformed)
  return Array.from({ length: table.size / SYMBOL_SIZE }, (_, index) => {
    const at = index * SYMBOL_SIZE
    const info = reader.u8(at + 4, 'symbol info')
    const section = reader.u16(at + 6, 'symbol section')
    const name = names.cString(reader.u32(at, 'symbol name'), `name of symbol ${index}`)
    if (section !== 0 && section < SHN_LORESERVE && section >= sections.length) {
      throw malformed(`symbol ${name || index} lies in section ${section} of ${sections.length}`)
    }
    return {
      name,
      type: SYMBOL_TYPES[info & 0xf] ?? 'other',
      binding: SYMBOL_BINDINGS[info >> 4] ?? 'other',
      section: section === 0 || section >= SHN_LORESERVE ? undefined : section,
      value: reader.size64(at + 8, 'symbol value'),
      size: reader.size64(at + 16, 'symbol size'),
    }
  })
}

// Elf64_Rel: offset u64@0, info u64@8 (symbol << 32 | type)
function readRelocations(
  sections: readonly ElfSection[],
  symbols: readonly ElfSymbol[],
): Map<number, readonly ElfRelocation[]> {
  const relocations = new Map<number, readonly ElfRelocation[]>()
  for (const section of sections) {
    if (section.type === 'rela')
      throw malformed(`section ${section.name} holds SHT_RELA relocations, which BPF has not`)
    if (section.type !== 'rel') continue
    const target = sections[section.info]
    if (target === undefined)
      throw malformed(`${section.name} relocates section ${section.info} of ${sections.length}`)
    if (relocations.has(section.info))
      throw malformed(`section ${section.info} has two sections of relocations`)
    if (section.size % REL_SIZE !== 0)
      throw malformed(`${section.name}, ${section.size} bytes, holds no whole relocations`)
    // Tables for debuggers, and .BTF.ext: most of all relocations are theirs, and change nothing of what stands there.
    if (!target.flags.alloc) continue
    const reader = new ByteReader(section.data, malformed)
    const entries = Array.from({ length: section.size / REL_SIZE }, (_, index) => {
      const at = index * REL_SIZE
      const symbolIndex = reader.u32(at + 12, 'relocation symbol')
      const symbol = symbols[symbolIndex]
      if (symbol === undefined)
        throw malformed(
          `${section.name}, entry ${index}, refers to symbol ${symbolIndex} of ${symbols.length}`,
        )
      return {
        offset: reader.size64(at, 'relocation offset'),
        type: reader.u32(at + 8, 'relocation type'),
        symbol,
      }
    })
    relocations.set(
      section.info,
      entries.sort((a, b) => a.offset - b.offset),
    )
  }
  return relocations
}
