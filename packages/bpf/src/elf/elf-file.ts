/** What an ELF64 file holds, as far as a BPF object needs it. Layouts: elf(5). */

/** A section, with its bytes. */
export interface ElfSection {
  readonly index: number
  readonly name: string
  readonly type: ElfSectionType
  readonly flags: { readonly write: boolean; readonly alloc: boolean; readonly execute: boolean }
  /** Size in bytes; a `nobits` section has a size but no bytes. */
  readonly size: number
  /** Its bytes, a view into the file; empty for `nobits`. */
  readonly data: Uint8Array
  /** What `sh_link` and `sh_info` say: for relocations, the symbol table and the section they apply to. */
  readonly link: number
  readonly info: number
}

export type ElfSectionType = 'null' | 'progbits' | 'symtab' | 'strtab' | 'rel' | 'rela' | 'nobits' | 'other'

/** A symbol of the one symbol table. */
export interface ElfSymbol {
  readonly name: string
  readonly type: 'none' | 'object' | 'function' | 'section' | 'file' | 'other'
  readonly binding: 'local' | 'global' | 'weak' | 'other'
  /** The section that it lies in; `undefined` for undefined, absolute and common symbols. */
  readonly section: number | undefined
  /** Offset in that section. */
  readonly value: number
  readonly size: number
}

/** One relocation of a `SHT_REL` section. */
export interface ElfRelocation {
  /** Where it applies: offset in the section that it is for. */
  readonly offset: number
  /** `R_BPF_*`, see the kernel's Documentation/bpf/llvm_reloc.rst. */
  readonly type: number
  readonly symbol: ElfSymbol
}

/** A whole file. */
export interface ElfFile {
  readonly sections: readonly ElfSection[]
  readonly symbols: readonly ElfSymbol[]
  /** Of sections that are for memory (`SHF_ALLOC`), by their index, in the order of their offsets. */
  readonly relocations: ReadonlyMap<number, readonly ElfRelocation[]>
}
