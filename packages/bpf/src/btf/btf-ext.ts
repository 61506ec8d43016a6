import { ByteReader } from '../elf/byte-reader.js'
import { MalformedBtfError } from '../errors.js'
import type { Btf } from './btf.js'
import type { BtfTypeId } from './btf-type.js'

/** Which function begins at an instruction. */
export interface FunctionInfo {
  /** Offset in the section, in bytes. */
  readonly offset: number
  readonly type: BtfTypeId
}

/** Which source line an instruction comes from: what verifier logs quote. */
export interface LineInfo {
  readonly offset: number
  readonly file: string
  /** The line's text. */
  readonly text: string
  readonly line: number
  readonly column: number
}

/** The kinds of CO-RE relocation, in the order of enum bpf_core_relo_kind (include/uapi/linux/bpf.h). */
export const CORE_RELOCATION_KINDS = [
  'field_byte_offset',
  'field_byte_size',
  'field_exists',
  'field_signed',
  'field_lshift_u64',
  'field_rshift_u64',
  'type_id_local',
  'type_id_target',
  'type_exists',
  'type_size',
  'enumval_exists',
  'enumval_value',
  'type_matches',
] as const

export type CoreRelocationKind = (typeof CORE_RELOCATION_KINDS)[number]

/** A question that the compiler left for the loader: where is this field, on this kernel? */
export interface CoreRelocation {
  /** Of the instruction that takes the answer: offset in the section, in bytes. */
  readonly offset: number
  readonly kind: CoreRelocationKind
  /** The root type, in the object's own BTF. */
  readonly type: BtfTypeId
  /** Indices that lead from the root to the field: `0:1:2`. For an enum, the enumerator's index. */
  readonly access: readonly number[]
}

/** What `.BTF.ext` says, by section name. */
export interface BtfExt {
  readonly functions: ReadonlyMap<string, readonly FunctionInfo[]>
  readonly lines: ReadonlyMap<string, readonly LineInfo[]>
  readonly relocations: ReadonlyMap<string, readonly CoreRelocation[]>
}

function malformed(message: string): MalformedBtfError {
  return new MalformedBtfError(`Cannot read .BTF.ext: ${message}`)
}

/**
 * Reads a `.BTF.ext` section.
 *
 * Layout: struct btf_ext_header (magic u16, version u8, flags u8, hdr_len u32, then offset and length of the function,
 * line and relocation tables, relative to the header's end), each table a record size, then by section: name, count,
 * records. The kernel's Documentation/bpf/btf.rst.
 *
 * @param isWanted the sections whose records are read; all, unless told
 * @throws {MalformedBtfError} if the bytes are no such section
 */
export function parseBtfExt(
  bytes: Uint8Array,
  btf: Btf,
  isWanted: (section: string) => boolean = () => true,
): BtfExt {
  const reader = new ByteReader(bytes, malformed)
  if (reader.u16(0, 'magic') !== 0xeb9f) throw malformed('it does not begin with the magic number 0xeb9f')
  const headerSize = reader.u32(4, 'header size')
  const string = rememberStrings(btf)
  const table = <T>(
    header: number,
    leastSize: number,
    what: string,
    read: (at: number) => T,
  ): ReadonlyMap<string, readonly T[]> => {
    // The relocation table's place is not in the shorter header of old compilers.
    if (headerSize < header + 8) return new Map()
    const start = headerSize + reader.u32(header, what)
    return readTable(reader, { string, isWanted }, start, reader.u32(header + 4, what), leastSize, what, read)
  }
  return {
    functions: table(8, 8, 'function table', (at) => ({
      offset: reader.u32(at, 'function info'),
      type: reader.u32(at + 4, 'function info'),
    })),
    lines: table(16, 16, 'line table', (at) => {
      const position = reader.u32(at + 12, 'line info')
      return {
        offset: reader.u32(at, 'line info'),
        file: string(reader.u32(at + 4, 'line info')),
        text: string(reader.u32(at + 8, 'line info')),
        line: position >>> 10,
        column: position & 0x3ff,
      }
    }),
    relocations: table(24, 16, 'relocation table', (at) => {
      const number = reader.u32(at + 12, 'relocation')
      const kind = CORE_RELOCATION_KINDS[number]
      if (kind === undefined) throw malformed(`a relocation is of the unknown kind ${number}`)
      return {
        offset: reader.u32(at, 'relocation'),
        type: reader.u32(at + 4, 'relocation'),
        access: parseAccess(string(reader.u32(at + 8, 'relocation'))),
        kind,
      }
    }),
  }
}

function readTable<T>(
  reader: ByteReader,
  sections: { readonly string: (offset: number) => string; readonly isWanted: (section: string) => boolean },
  start: number,
  size: number,
  leastSize: number,
  what: string,
  read: (at: number) => T,
): Map<string, readonly T[]> {
  const bySection = new Map<string, T[]>()
  if (size === 0) return bySection
  reader.need(start, size, what)
  if (size < 4) throw malformed(`the ${what} is cut off`)
  const recordSize = reader.u32(start, what)
  if (recordSize < leastSize) throw malformed(`records of ${recordSize} bytes in the ${what} are too short`)
  const end = start + size
  for (let at = start + 4; at < end; ) {
    if (at + 8 > end) throw malformed(`the ${what} is cut off`)
    const section = sections.string(reader.u32(at, what))
    const count = reader.u32(at + 4, what)
    at += 8
    if (at + count * recordSize > end)
      throw malformed(`${count} records of ${recordSize} bytes end past the ${what}`)
    if (!sections.isWanted(section)) {
      at += count * recordSize
      continue
    }
    const records = bySection.get(section) ?? []
    bySection.set(section, records)
    for (let index = 0; index < count; index++, at += recordSize) records.push(read(at))
  }
  return bySection
}

/** Files and lines are named again and again. */
function rememberStrings(btf: Btf): (offset: number) => string {
  const known = new Map<number, string>()
  return (offset) => {
    let text = known.get(offset)
    if (text === undefined) {
      text = btf.string(offset)
      known.set(offset, text)
    }
    return text
  }
}

function parseAccess(text: string): number[] {
  if (!/^\d{1,9}(:\d{1,9}){0,63}$/.test(text)) throw malformed(`${JSON.stringify(text)} is no access string`)
  return text.split(':').map(Number)
}
