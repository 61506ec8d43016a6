import { describe, expect, it } from 'vitest'
import { fixture, fixtureText } from '../../../../test/support/fixtures.js'
import type { ElfFile } from './elf-file.js'
import { parseElf } from './parse-elf.js'

/** llvm-readelf's reading of a fixture: its lines, and what stands in the columns of those that match. */
function readelf(name: string, pattern: RegExp): Record<string, string>[] {
  return [...fixtureText(`${name}.readelf.txt`).matchAll(pattern)].map(({ groups }) => ({ ...groups }))
}

const SECTION =
  /^ {2}\[ ?(?<index>\d+)\] (?<name>\S*) +(?<type>[A-Z_]+) +[0-9a-f]{16} (?<offset>[0-9a-f]+) (?<size>[0-9a-f]+) [0-9a-f]{2} +(?<flags>[A-Z]*) +(?<link>\d+) +(?<info>\d+) +\d+$/gm
const SYMBOL =
  /^ +\d+: (?<value>[0-9a-f]{16}) +(?<size>\d+) (?<type>\w+) +(?<binding>\w+) +\w+ +(?<section>\w+) ?(?<name>.*)$/gm
const RELOCATION =
  /^(?<offset>[0-9a-f]{16}) {2}[0-9a-f]{8}(?<type>[0-9a-f]{8}) \w+ +[0-9a-f]{16} (?<symbol>.+)$/gm

const TYPES: Readonly<Record<string, string>> = { NOTYPE: 'none', FUNC: 'function' }
const SECTION_TYPES: Readonly<Record<string, string>> = { LLVM_ADDRSIG: 'other' }

/** A section's symbol has no name of its own: readelf shows the section's. */
function symbolName(elf: ElfFile, symbol: ElfFile['symbols'][number]): string {
  return symbol.type === 'section' ? (elf.sections[symbol.section ?? 0]?.name ?? '') : symbol.name
}

describe.each(['calls', 'data'])('parseElf of %s.bpf.o', (name) => {
  const bytes = fixture(`${name}.bpf.o`)
  const elf = parseElf(bytes)

  it('has the sections that llvm-readelf has', () => {
    const ours = elf.sections.map((section) => ({
      index: section.index,
      name: section.name,
      type: section.type,
      size: section.size,
      flags: section.flags,
      link: section.link,
      info: section.info,
      offset: section.data.length === 0 ? undefined : section.data.byteOffset - bytes.byteOffset,
    }))
    const theirs = readelf(name, SECTION).map((line) => {
      const type = line['type'] ?? ''
      const size = Number.parseInt(line['size'] ?? '', 16)
      return {
        index: Number(line['index']),
        name: line['name'],
        type: SECTION_TYPES[type] ?? type.toLowerCase(),
        size,
        flags: {
          write: line['flags']?.includes('W'),
          alloc: line['flags']?.includes('A'),
          execute: line['flags']?.includes('X'),
        },
        link: Number(line['link']),
        info: Number(line['info']),
        offset: size === 0 || type === 'NOBITS' ? undefined : Number.parseInt(line['offset'] ?? '', 16),
      }
    })
    expect(theirs.length).toBeGreaterThan(10)
    expect(ours).toEqual(theirs)
  })

  it('has the symbols that llvm-readelf has', () => {
    const ours = elf.symbols.map((symbol) => ({
      name: symbolName(elf, symbol),
      type: symbol.type,
      binding: symbol.binding,
      section: symbol.section,
      value: symbol.value,
      size: symbol.size,
    }))
    const theirs = readelf(name, SYMBOL).map((line) => ({
      name: line['name'],
      type: TYPES[line['type'] ?? ''] ?? line['type']?.toLowerCase(),
      binding: line['binding']?.toLowerCase(),
      section: /^\d+$/.test(line['section'] ?? '') ? Number(line['section']) : undefined,
      value: Number.parseInt(line['value'] ?? '', 16),
      size: Number(line['size']),
    }))
    expect(theirs.length).toBeGreaterThan(10)
    expect(ours).toEqual(theirs)
  })

  it('has the relocations that llvm-readelf has of sections that are for the kernel, section by section', () => {
    const ours = [...elf.relocations.values()].flatMap((entries) =>
      entries.map(({ offset, type, symbol }) => ({ offset, type, symbol: symbolName(elf, symbol) })),
    )
    const theirs = fixtureText(`${name}.readelf.txt`)
      .split(/^Relocation section /m)
      .slice(1)
      .filter((text) => !/^'\.rel\.(BTF|debug)/.test(text))
      .flatMap((text) => [...text.matchAll(RELOCATION)])
      .map(({ groups }) => ({
        offset: Number.parseInt(groups?.['offset'] ?? '', 16),
        type: Number.parseInt(groups?.['type'] ?? '', 16),
        symbol: groups?.['symbol'],
      }))
    expect(theirs.length).toBeGreaterThan(4)
    expect(ours).toEqual(theirs)
  })
})
