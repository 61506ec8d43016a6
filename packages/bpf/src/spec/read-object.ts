import { decodeInstructions, SLOT } from '../asm/codec.js'
import { type Instruction, isLocalCall, isWide } from '../asm/instruction.js'
import { Btf } from '../btf/btf.js'
import { type BtfExt, parseBtfExt } from '../btf/btf-ext.js'
import type { ElfFile, ElfRelocation, ElfSection, ElfSymbol } from '../elf/elf-file.js'
import { parseElf } from '../elf/parse-elf.js'
import { InvalidSpecError } from '../errors.js'
import { parseAttachTarget } from './attach-target.js'
import type { DataSpec, FunctionSpec, MapSpec, ObjectSpec, ProgramSpec, VariableSpec } from './object-spec.js'
import { readMaps } from './read-maps.js'

const R_BPF_64_64 = 1
const R_BPF_64_32 = 10

/** What of an object is read. */
export interface ReadOptions {
  /** These programs, and the functions that programs share; all programs, unless told. */
  readonly programs?: readonly string[]
}

/**
 * Reads a BPF object file, as clang writes it with `-target bpf -g`.
 *
 * @param bytes the file; kept, since the specification refers into it
 * @throws {MalformedElfError} {MalformedBtfError} {MalformedProgramError} if the bytes are not what they should be
 * @throws {InvalidSpecError} if the object asks for something that is not supported
 */
export function readObject(bytes: Uint8Array, { programs: names }: ReadOptions = {}): ObjectSpec {
  const elf = parseElf(bytes)
  const isWanted = names === undefined ? () => true : isSectionOf(elf, names)
  const named = (name: string) => elf.sections.find((section) => section.name === name)
  const btfSection = named('.BTF')
  const btf = btfSection === undefined ? undefined : new Btf(btfSection.data)
  const extSection = named('.BTF.ext')
  const ext =
    btf === undefined || extSection === undefined ? undefined : parseBtfExt(extSection.data, btf, isWanted)

  const maps = btf === undefined ? new Map<string, MapSpec>() : readMaps(btf)
  const data = readData(elf, btf)
  const functions = readFunctions(elf, ext, isWanted)
  const programs = new Map<string, ProgramSpec>()
  for (const { name, section } of functions.values()) {
    if (section === SHARED) continue
    programs.set(name, { name, attach: parseAttachTarget(section) })
  }
  resolveReferences(elf, functions, { maps, data })
  return { license: readLicense(named('license')), btf, maps, data, functions, programs }
}

/** Whether a section holds one of some programs, or what programs share: those are in no section of their own. */
function isSectionOf(elf: ElfFile, programs: readonly string[]): (section: string) => boolean {
  const wanted = new Set(
    elf.symbols
      .filter(({ name, type }) => type === 'function' && programs.includes(name))
      .map(({ section }) => (section === undefined ? undefined : elf.sections[section]?.name)),
  )
  return (section) => section === SHARED || wanted.has(section)
}

/** Where functions stand that are no programs. */
const SHARED = '.text'

function readLicense(section: ElfSection | undefined): string {
  if (section === undefined) return ''
  const end = section.data.indexOf(0)
  return new TextDecoder().decode(end < 0 ? section.data : section.data.subarray(0, end))
}

const isCode = (section: ElfSection): boolean =>
  section.flags.execute && section.type === 'progbits' && section.size > 0

const isData = (section: ElfSection): boolean =>
  /^\.(rodata|data|bss)(\.|$)/.test(section.name) && section.flags.alloc

function readData(elf: ElfFile, btf: Btf | undefined): Map<string, DataSpec> {
  const data = new Map<string, DataSpec>()
  const symbols = symbolsBySection(elf.symbols)
  let total = 0
  for (const section of elf.sections) {
    if (!isData(section) || section.size === 0) continue
    total += section.size
    if (total > MAX_DATA_SIZE)
      throw new InvalidSpecError(
        `Cannot read section ${section.name}: with it, data takes ${total} bytes, more than ${MAX_DATA_SIZE}`,
      )
    if (data.has(section.name))
      throw new InvalidSpecError(`Cannot read section ${section.name}: there are two of that name`)
    if ((elf.relocations.get(section.index) ?? []).length > 0) {
      throw new InvalidSpecError(
        `Cannot read section ${section.name}: it holds addresses, which are not supported`,
      )
    }
    const bytes = new Uint8Array(section.size)
    bytes.set(section.data)
    const variables = new Map<string, VariableSpec>()
    for (const variable of btf === undefined ? [] : sectionVariables(btf, section, symbols)) {
      if (variable.offset + variable.size > section.size)
        throw new InvalidSpecError(
          `Cannot read section ${section.name}: variable ${variable.name} ends past it`,
        )
      variables.set(variable.name, variable)
    }
    data.set(section.name, {
      name: section.name,
      readOnly: section.name.startsWith('.rodata'),
      bytes,
      variables,
    })
  }
  return data
}

/** Far beyond any object's settings and tables; keeps a hostile size from taking the memory. */
const MAX_DATA_SIZE = 64 << 20

function symbolsBySection(symbols: readonly ElfSymbol[]): Map<number, ElfSymbol[]> {
  const bySection = new Map<number, ElfSymbol[]>()
  for (const symbol of symbols) {
    if (symbol.section === undefined) continue
    const others = bySection.get(symbol.section)
    if (others === undefined) bySection.set(symbol.section, [symbol])
    else others.push(symbol)
  }
  return bySection
}

function sectionVariables(
  btf: Btf,
  section: ElfSection,
  symbols: ReadonlyMap<number, readonly ElfSymbol[]>,
): VariableSpec[] {
  const found = btf.find('datasec', section.name)
  const places = new Map((symbols.get(section.index) ?? []).map(({ name, value }) => [name, value]))
  return (found?.type.variables ?? []).map(({ type: id, offset, size }) => {
    const variable = btf.type(id)
    if (variable.kind !== 'var')
      throw new InvalidSpecError(`Cannot read section ${section.name}: type ${id} in it is no variable`)
    return {
      name: variable.name,
      section: section.name,
      // The compiler leaves a global's offset 0 in BTF: the symbol has it.
      offset: places.get(variable.name) ?? offset,
      size,
      type: variable.type,
    }
  })
}

function readFunctions(
  elf: ElfFile,
  ext: BtfExt | undefined,
  isWanted: (section: string) => boolean,
): Map<string, FunctionSpec> {
  const functions = new Map<string, FunctionSpec>()
  const symbols = symbolsBySection(elf.symbols)
  const sections = new Set<string>()
  for (const section of elf.sections) {
    if (!isCode(section)) continue
    // The compiler's tables and the references within know a section by its name.
    if (sections.has(section.name))
      throw new InvalidSpecError(`Cannot read section ${section.name}: there are two of that name`)
    sections.add(section.name)
    if (!isWanted(section.name)) continue
    for (const part of readSection(section, symbols.get(section.index) ?? [], ext)) {
      if (functions.has(part.name))
        throw new InvalidSpecError(`Cannot read function ${part.name}: there are two of that name`)
      functions.set(part.name, part)
    }
  }
  return functions
}

function readSection(
  section: ElfSection,
  symbols: readonly ElfSymbol[],
  ext: BtfExt | undefined,
): FunctionSpec[] {
  const infos = new Map((ext?.functions.get(section.name) ?? []).map(({ offset, type }) => [offset, type]))
  const lines = byOffset(ext?.lines.get(section.name) ?? [])
  const relocations = byOffset(ext?.relocations.get(section.name) ?? [])
  let before = 0
  return symbols
    .filter((symbol) => symbol.type === 'function')
    .sort((a, b) => a.value - b.value)
    .map(({ name, value, size }) => {
      const fail = (why: string) => new InvalidSpecError(`Cannot read function ${name}: ${why}`)
      const end = value + size
      if (end > section.data.byteLength) throw fail(`it ends past section ${section.name}`)
      if (value % SLOT !== 0) throw fail(`it begins in the middle of an instruction`)
      if (value < before) throw fail('it begins within another')
      before = end
      return {
        name,
        section: section.name,
        code: decodeInstructions(section.data.subarray(value, end), value),
        type: infos.get(value),
        relocations: within(relocations, value, end),
        lines: within(lines, value, end),
      }
    })
}

function byOffset<T extends { readonly offset: number }>(entries: readonly T[]): readonly T[] {
  return [...entries].sort((a, b) => a.offset - b.offset)
}

/** Those of the sorted entries that lie in `[begin, end)`, by their offsets. */
function within<T extends { readonly offset: number }>(
  entries: readonly T[],
  begin: number,
  end: number,
): Map<number, T> {
  const found = new Map<number, T>()
  for (let index = firstFrom(entries, begin); ; index++) {
    const entry = entries[index]
    if (entry === undefined || entry.offset >= end) return found
    found.set(entry.offset, entry)
  }
}

/** The index of the first of the sorted entries that does not lie before an offset. */
function firstFrom(entries: readonly { readonly offset: number }[], offset: number): number {
  let low = 0
  for (let high = entries.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((entries[middle]?.offset ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Gives each instruction that a relocation is for the name of what it refers to. */
function resolveReferences(
  elf: ElfFile,
  functions: ReadonlyMap<string, FunctionSpec>,
  known: { readonly maps: ReadonlyMap<string, MapSpec>; readonly data: ReadonlyMap<string, DataSpec> },
): void {
  const place = new Map<string, FunctionSpec>()
  for (const spec of functions.values()) {
    const first = spec.code[0]
    if (first !== undefined) place.set(`${spec.section}:${first.origin}`, spec)
  }
  const functionAt = (section: string, offset: number, from: string): string => {
    const found = place.get(`${section}:${offset}`)
    if (found === undefined)
      throw new InvalidSpecError(`Cannot link ${from}: no function begins at ${section}+${offset}`)
    return found.name
  }
  const relocations = new Map<string, Map<number, ElfRelocation>>()
  for (const section of elf.sections.filter(isCode)) {
    const entries = elf.relocations.get(section.index) ?? []
    relocations.set(section.name, new Map(entries.map((entry) => [entry.offset, entry])))
  }
  for (const spec of functions.values()) {
    for (const insn of spec.code) {
      const relocation = relocations.get(spec.section)?.get(insn.origin)
      if (relocation !== undefined) refer(elf, insn, relocation, spec.name, known, functionAt)
      else if (isLocalCall(insn)) {
        // Calls within one section are resolved by the compiler: the distance in slots.
        insn.reference = {
          kind: 'function',
          name: functionAt(spec.section, insn.origin + (insn.imm + 1) * SLOT, spec.name),
        }
      }
    }
  }
}

function refer(
  elf: ElfFile,
  insn: Instruction,
  { type, symbol }: ElfRelocation,
  from: string,
  known: { readonly maps: ReadonlyMap<string, MapSpec>; readonly data: ReadonlyMap<string, DataSpec> },
  functionAt: (section: string, offset: number, from: string) => string,
): void {
  const section = symbol.section === undefined ? undefined : elf.sections[symbol.section]
  if (section === undefined) {
    throw new InvalidSpecError(
      `Cannot link ${from}: ${symbol.name || 'a symbol'} is not defined in the object (kernel symbols and kfuncs are not supported)`,
    )
  }
  if (type === R_BPF_64_32 && isLocalCall(insn)) {
    // A call of a static function names its section and has the distance from there.
    const offset = symbol.type === 'section' ? (insn.imm + 1) * SLOT : symbol.value
    insn.reference = { kind: 'function', name: functionAt(section.name, offset, from) }
    return
  }
  if (type !== R_BPF_64_64 || !isWide(insn)) {
    throw new InvalidSpecError(
      `Cannot link ${from}: a relocation of type ${type} at offset ${insn.origin} is not supported`,
    )
  }
  if (section.name === '.maps') {
    if (!known.maps.has(symbol.name))
      throw new InvalidSpecError(`Cannot link ${from}: there is no map ${symbol.name}`)
    insn.reference = { kind: 'map', name: symbol.name }
  } else if (known.data.has(section.name)) {
    insn.reference = { kind: 'data', section: section.name, offset: symbol.value + insn.imm }
  } else if (section.flags.execute) {
    const offset = symbol.type === 'section' ? insn.imm : symbol.value
    insn.reference = { kind: 'function', name: functionAt(section.name, offset, from) }
  } else {
    throw new InvalidSpecError(
      `Cannot link ${from}: it refers to section ${section.name}, which is not supported`,
    )
  }
}
