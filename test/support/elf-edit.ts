import { parseElf } from '../../packages/bpf/src/elf/parse-elf.js'

/** Offsets in an Elf64_Ehdr and in an Elf64_Shdr, an Elf64_Sym, an Elf64_Rel: elf(5). */
export const EHDR = {
  magic: 0,
  class: 4,
  data: 5,
  machine: 18,
  shoff: 40,
  shentsize: 58,
  shnum: 60,
  shstrndx: 62,
}
export const SHDR = { name: 0, type: 4, flags: 8, offset: 24, size: 32, link: 40, info: 44, bytes: 64 }
export const SYM = { name: 0, info: 4, shndx: 6, value: 8, size: 16, bytes: 24 }
export const REL = { offset: 0, type: 8, symbol: 12, bytes: 16 }

/** A copy of an object's bytes, and where in it things are. */
export class ElfEdit {
  readonly bytes: Uint8Array
  readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = Uint8Array.from(bytes)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Where the header of a section is. */
  header(name: string): number {
    return this.#place(EHDR.shoff) + this.#index(name) * SHDR.bytes
  }

  /** Where a section's bytes are. */
  section(name: string): number {
    return this.#place(this.header(name) + SHDR.offset)
  }

  /** Where the entry of a symbol in the symbol table is. */
  symbol(name: string): number {
    const index = parseElf(this.bytes).symbols.findIndex((symbol) => symbol.name === name)
    if (index < 0) throw new Error(`no symbol ${name}`)
    return this.section('.symtab') + index * SYM.bytes
  }

  #index(name: string): number {
    const index = parseElf(this.bytes).sections.findIndex((section) => section.name === name)
    if (index < 0) throw new Error(`no section ${name}`)
    return index
  }

  #place(at: number): number {
    return Number(this.view.getBigUint64(at, true))
  }
}
