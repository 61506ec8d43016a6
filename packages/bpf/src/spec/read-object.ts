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

/**
 * Reads a BPF object file, as clang writes it with `-target bpf -g`.
 *
 * @param bytes the file; kept, since the specification refers into it
 * @throws {MalformedElfError} {MalformedBtfError} {MalformedProgramError} if the bytes are not what they should be
 * @throws {InvalidSpecError} if the object asks for something that is not supported
 */
export function readObject(bytes: Uint8Array): ObjectSpec {
  const elf = parseElf(bytes)
  const named = (name: string) => elf.sections.find((section) => section.name === name)
  const btfSection = named('.BTF')
  const btf = btfSection === undefined ? undefined : new Btf(btfSection.data)
  const extSection = named('.BTF.ext')
  const ext = btf === undefined || extSection === undefined ? undefined : parseBtfExt(extSection.data, btf)

  const maps = btf === undefined ? new Map<string, MapSpec>() : readMaps(btf)
  const data = readData(elf, btf)
  const functions = readFunctions(elf, ext)
  const programs = new Map<string, ProgramSpec>()
  for (const { name, section } of functions.values()) {
    if (section === '.text') continue
    programs.set(name, { name, attach: parseAttachTarget(section) })
  }
  resolveReferences(elf, functions, { maps, data })
  return { license: readLicense(named('license')), btf, maps, data, functions, programs }
}

function readLicense(section: ElfSection | undefined): string {
  if (section === undefined) return ''
  const end = section.data.indexOf(0)
  return new TextDecoder().decode(end < 0 ? section.data : section.data.subarray(0, end))
}

const isData = (section: ElfSection): boolean =>
  /^\.(rodata|data|bss)(\.|$)/.test(section.name) && section.flags.alloc

function readData(elf: ElfFile, btf: Btf | undefined): Map<string, DataSpec> {
  const data = new Map<string, DataSpec>()
  for (const section of elf.sections) {
    if (!isData(section) || section.size === 0) continue
    if (section.size > MAX_DATA_SIZE)
      throw new InvalidSpecError(
        `Cannot read section ${section.name}: ${section.size} bytes are more than ${MAX_DATA_SIZE}`,
      )
    if ((elf.relocations.get(section.index) ?? []).length > 0) {
      throw new InvalidSpecError(
        `Cannot read section ${section.name}: it holds addresses, which are not supported`,
      )
    }
    const bytes = new Uint8Array(section.size)
    bytes.set(section.data)
    const variables = new Map<string, VariableSpec>()
    for (const variable of btf === undefined ? [] : sectionVariables(btf, section, elf.symbols)) {
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

function sectionVariables(btf: Btf, section: ElfSection, symbols: readonly ElfSymbol[]): VariableSpec[] {
  const found = btf.find('datasec', section.name)
  return (found?.type.variables ?? []).map(({ type: id, offset, size }) => {
    const variable = btf.type(id)
    if (variable.kind !== 'var')
      throw new InvalidSpecError(`Cannot read section ${section.name}: type ${id} in it is no variable`)
    // The compiler leaves a global's offset 0 in BTF: the symbol has it.
    const symbol = symbols.find(
      (candidate) => candidate.name === variable.name && candidate.section === section.index,
    )
    return {
      name: variable.name,
      section: section.name,
      offset: symbol?.value ?? offset,
      size,
      type: variable.type,
    }
  })
}

function readFunctions(elf: ElfFile, ext: BtfExt | undefined): Map<string, FunctionSpec> {
  const functions = new Map<string, FunctionSpec>()
  for (const section of elf.sections) {
    if (!section.flags.execute || section.type !== 'progbits' || section.size === 0) continue
    const symbols = elf.symbols
      .filter((symbol) => symbol.type === 'function' && symbol.section === section.index)
      .sort((a, b) => a.value - b.value)
    const infos = ext?.functions.get(section.name) ?? []
    const lines = ext?.lines.get(section.name) ?? []
    const relocations = ext?.relocations.get(section.name) ?? []
    for (const symbol of symbols) {
      const end = symbol.value + symbol.size
      if (end > section.data.byteLength)
        throw new InvalidSpecError(
          `Cannot read function ${symbol.name}: it ends past section ${section.name}`,
        )
      if (functions.has(symbol.name))
        throw new InvalidSpecError(`Cannot read function ${symbol.name}: there are two of that name`)
      const within = <T extends { readonly offset: number }>(entries: readonly T[]) =>
        new Map(
          entries
            .filter(({ offset }) => offset >= symbol.value && offset < end)
            .map((entry) => [entry.offset, entry]),
        )
      functions.set(symbol.name, {
        name: symbol.name,
        section: section.name,
        code: decodeInstructions(section.data.subarray(symbol.value, end), symbol.value),
        type: infos.find(({ offset }) => offset === symbol.value)?.type,
        relocations: within(relocations),
        lines: within(lines),
      })
    }
  }
  return functions
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
  for (const spec of functions.values()) {
    const section = elf.sections.find(({ name }) => name === spec.section)
    const relocations = new Map(
      (elf.relocations.get(section?.index ?? -1) ?? []).map((entry) => [entry.offset, entry]),
    )
    for (const insn of spec.code) {
      const relocation = relocations.get(insn.origin)
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
