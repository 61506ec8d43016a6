import { ByteReader } from '../elf/byte-reader.js'
import { MalformedBtfError } from '../errors.js'
import {
  BTF_KINDS,
  BTF_LINKAGES,
  type BtfKind,
  type BtfMember,
  type BtfType,
  type BtfTypeId,
  type BtfTypeOf,
  btfTypeName,
} from './btf-type.js'
import { NameSearch } from './name-search.js'
import { indexTypes, type TypeIndex } from './type-index.js'

const MAGIC = 0xeb9f
const KIND_NUMBERS = new Map<BtfKind, number>(BTF_KINDS.map((kind, number) => [kind, number]))

/** Bytes that a name, a tag or a line of source may have. */
const LONGEST_STRING = 4096

/** How long a chain of typedefs and modifiers may be before it is taken for a cycle (the kernel: 32). */
const MAX_CHAIN = 64

function malformed(message: string): MalformedBtfError {
  return new MalformedBtfError(`Cannot read BTF: ${message}`)
}

/**
 * The types of a kernel or of an object file, read from BTF.
 *
 * A kernel's BTF is some five megabytes and 150,000 types, of which a loader needs ten: parsing only finds where
 * each type begins; a type is decoded when it is asked for, and kept. Format: the kernel's Documentation/bpf/btf.rst.
 */
export class Btf {
  readonly #reader: ByteReader
  readonly #base: Btf | undefined
  readonly #firstId: number
  readonly #index: TypeIndex
  readonly #stringsAt: number
  readonly #stringsSize: number
  readonly #stringBase: number
  readonly #types = new Map<BtfTypeId, BtfType>()
  readonly #byName = new Map<string, readonly BtfTypeId[]>()

  /**
   * @param bytes a `.BTF` section or /sys/kernel/btf/vmlinux
   * @param base for the split BTF of a kernel module, the kernel's
   * @throws {MalformedBtfError} if the header, a type record or the string table leads outside the bytes
   */
  constructor(bytes: Uint8Array, base?: Btf) {
    this.#base = base
    this.#firstId = base === undefined ? 1 : base.endId
    this.#stringBase = base === undefined ? 0 : base.#stringBase + base.#stringsSize
    this.#reader = new ByteReader(bytes, malformed, LONGEST_STRING)
    // struct btf_header: magic u16, version u8, flags u8, hdr_len u32, type_off, type_len, str_off, str_len
    if (bytes.byteLength < 24) throw malformed(`${bytes.byteLength} bytes are too few for a header`)
    const magic = this.#reader.u16(0, 'magic')
    if (magic === 0x9feb) throw malformed('it is big-endian')
    if (magic !== MAGIC) throw malformed('it does not begin with the magic number 0xeb9f')
    const version = this.#reader.u8(2, 'version')
    if (version !== 1) throw malformed(`its version is ${version}, not 1`)
    const headerSize = this.#reader.u32(4, 'header size')
    if (headerSize < 24) throw malformed(`a header of ${headerSize} bytes is too short`)
    const typesAt = headerSize + this.#reader.u32(8, 'types offset')
    const typesSize = this.#reader.u32(12, 'types size')
    this.#stringsAt = headerSize + this.#reader.u32(16, 'strings offset')
    this.#stringsSize = this.#reader.u32(20, 'strings size')
    this.#reader.need(typesAt, typesSize, 'types')
    this.#reader.need(this.#stringsAt, this.#stringsSize, 'strings')
    if (this.#stringsSize > 0 && bytes[this.#stringsAt + this.#stringsSize - 1] !== 0) {
      throw malformed('the string table does not end with NUL')
    }
    this.#index = indexTypes(bytes, typesAt, typesSize)
  }

  /** The bytes that it was made from. */
  get bytes(): Uint8Array {
    return this.#reader.bytes
  }

  /** The first number past the last type: numbers run from 1 (in split BTF: from where the base ends). */
  get endId(): BtfTypeId {
    return this.#firstId + this.#index.count
  }

  /** The first number that is this BTF's own and not its base's. */
  get firstId(): BtfTypeId {
    return this.#firstId
  }

  /**
   * The type with a number.
   *
   * @throws {MalformedBtfError} if there is none, or its record is not well-formed
   */
  type(id: BtfTypeId): BtfType {
    if (id === 0) return VOID
    if (id < this.#firstId && this.#base !== undefined) return this.#base.type(id)
    let type = this.#types.get(id)
    if (type === undefined) {
      type = this.#decode(id)
      this.#types.set(id, type)
    }
    return type
  }

  /** The numbers of all types with that very name, whatever their kind, in ascending order. */
  idsNamed(name: string): readonly BtfTypeId[] {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    this.locate([name])
    return this.#byName.get(name) ?? []
  }

  /**
   * Looks several names up in one pass over the types: in a kernel's BTF a pass costs some milliseconds, so whoever
   * knows all names beforehand asks for them here. `idsNamed` then answers from memory.
   */
  locate(names: Iterable<string>): void {
    const found = new Map<string, BtfTypeId[]>()
    for (const name of names) if (!this.#byName.has(name)) found.set(name, [])
    if (found.size === 0) return
    this.#base?.locate(found.keys())
    for (const [name, ids] of found) ids.push(...(this.#base?.idsNamed(name) ?? []))
    this.#searchNames(found)
    for (const [name, ids] of found) this.#byName.set(name, ids)
  }

  /** The first type of that kind and name, or `undefined`. */
  find<K extends BtfKind>(
    kind: K,
    name: string,
  ): { readonly id: BtfTypeId; readonly type: BtfTypeOf<K> } | undefined {
    for (const id of this.idsNamed(name)) {
      const type = this.type(id)
      if (type.kind === kind) return { id, type: type as BtfTypeOf<K> }
    }
    return undefined
  }

  /** All own types, with their numbers. */
  *types(): Generator<[BtfTypeId, BtfType]> {
    for (let id = this.#firstId; id < this.endId; id++) yield [id, this.type(id)]
  }

  /** Looks through typedefs, `const`, `volatile`, `restrict` and type tags. */
  resolve(id: BtfTypeId): { readonly id: BtfTypeId; readonly type: BtfType } {
    for (let at = id, steps = 0; steps < MAX_CHAIN; steps++) {
      const type = this.type(at)
      switch (type.kind) {
        case 'typedef':
        case 'const':
        case 'volatile':
        case 'restrict':
        case 'type_tag':
          at = type.type
          break
        default:
          return { id: at, type }
      }
    }
    throw malformed(`type ${id} leads through more than ${MAX_CHAIN} typedefs and modifiers`)
  }

  /**
   * The size of a type in bytes; a pointer's is 8.
   *
   * @throws {MalformedBtfError} for what has no size: void, functions, forward declarations; and for one that 32 bits
   *   do not hold, as the kernel has it
   */
  sizeOf(id: BtfTypeId): number {
    let factor = 1
    const times = (size: number): number => {
      if (factor * size > MAX_SIZE) throw malformed(`type ${id} is larger than ${MAX_SIZE} bytes`)
      return factor * size
    }
    for (let at = id, steps = 0; steps < MAX_CHAIN; steps++) {
      const { type } = this.resolve(at)
      switch (type.kind) {
        case 'int':
        case 'struct':
        case 'union':
        case 'enum':
        case 'enum64':
        case 'float':
        case 'datasec':
          return times(type.size)
        case 'ptr':
          return times(8)
        case 'array':
          factor = times(type.length)
          at = type.element
          break
        case 'var':
          at = type.type
          break
        default:
          throw malformed(`type ${at} (${type.kind}) has no size`)
      }
    }
    throw malformed(`type ${id} is nested more than ${MAX_CHAIN} deep`)
  }

  /** The string at an offset of the string table. */
  string(offset: number): string {
    if (offset < this.#stringBase) {
      if (this.#base === undefined) throw malformed(`string offset ${offset}`)
      return this.#base.string(offset)
    }
    const local = offset - this.#stringBase
    if (local >= this.#stringsSize) {
      if (local === 0) return ''
      throw malformed(`a string at offset ${offset} of a table of ${this.#stringsSize} bytes`)
    }
    return this.#reader.cString(this.#stringsAt + local, 'string')
  }

  #searchNames(found: ReadonlyMap<string, BtfTypeId[]>): void {
    const search = new NameSearch(found.keys())
    const { count, names: offsets } = this.#index
    const tell = (index: number, name: string) => found.get(name)?.push(this.#firstId + index)
    const end = this.#stringBase + this.#stringsSize
    const own = { offsets, count, least: this.#stringBase, end }
    search.scan(this.bytes, this.#stringsAt - this.#stringBase, own, tell)
    // Split BTF names its types by its base's strings where the base has them.
    const base = this.#base
    if (base === undefined) return
    const shared = { offsets, count, least: base.#stringBase, end: this.#stringBase }
    search.scan(base.bytes, base.#stringsAt - base.#stringBase, shared, tell)
  }

  // struct btf_type: name_off u32, info u32 (vlen 0-15, kind 24-28, kind_flag 31), size or type u32
  #decode(id: BtfTypeId): BtfType {
    const offset = this.#index.offsets[id - this.#firstId]
    if (offset === undefined || id < this.#firstId || id >= this.endId) {
      throw malformed(`there is no type ${id}; the last is ${this.endId - 1}`)
    }
    const { view } = this.#reader
    const name = this.string(view.getUint32(offset, true))
    const info = view.getUint32(offset + 4, true)
    const size = view.getUint32(offset + 8, true)
    const kind = BTF_KINDS[(info >>> 24) & 0x1f]
    const flag = info >>> 31 === 1
    const extra = offset + 12
    const parts = (bytes: number) => Array.from({ length: info & 0xffff }, (_, part) => extra + part * bytes)
    switch (kind) {
      case 'int': {
        const encoding = view.getUint32(extra, true)
        return {
          kind,
          name,
          size,
          bits: encoding & 0xff,
          bitOffset: (encoding >>> 16) & 0xff,
          signed: (encoding & (1 << 24)) !== 0,
          char: (encoding & (1 << 25)) !== 0,
          bool: (encoding & (1 << 26)) !== 0,
        }
      }
      case 'ptr':
      case 'volatile':
      case 'const':
      case 'restrict':
        return { kind, type: size }
      case 'array':
        return {
          kind,
          element: view.getUint32(extra, true),
          index: view.getUint32(extra + 4, true),
          length: view.getUint32(extra + 8, true),
        }
      case 'struct':
      case 'union':
        return { kind, name, size, members: parts(12).map((at) => this.#member(at, flag)) }
      case 'enum':
        return {
          kind,
          name,
          size,
          signed: flag,
          enumerators: parts(8).map((at) => ({
            name: this.string(view.getUint32(at, true)),
            value: BigInt(flag ? view.getInt32(at + 4, true) : view.getUint32(at + 4, true)),
          })),
        }
      case 'enum64':
        return {
          kind,
          name,
          size,
          signed: flag,
          enumerators: parts(12).map((at) => ({
            name: this.string(view.getUint32(at, true)),
            value: flag ? view.getBigInt64(at + 4, true) : view.getBigUint64(at + 4, true),
          })),
        }
      case 'fwd':
        return { kind, name, union: flag }
      case 'typedef':
      case 'type_tag':
        return { kind, name, type: size }
      case 'func':
        return { kind, name, type: size, linkage: linkage(info & 0xffff, id) }
      case 'func_proto':
        return {
          kind,
          returns: size,
          parameters: parts(8).map((at) => ({
            name: this.string(view.getUint32(at, true)),
            type: view.getUint32(at + 4, true),
          })),
        }
      case 'var':
        return { kind, name, type: size, linkage: linkage(view.getUint32(extra, true), id) }
      case 'datasec':
        return {
          kind,
          name,
          size,
          variables: parts(12).map((at) => ({
            type: view.getUint32(at, true),
            offset: view.getUint32(at + 4, true),
            size: view.getUint32(at + 8, true),
          })),
        }
      case 'float':
        return { kind, name, size }
      case 'decl_tag':
        return { kind, name, type: size, component: view.getInt32(extra, true) }
      default:
        throw malformed(`type ${id} is of the unknown kind ${(info >>> 24) & 0x1f}`)
    }
  }

  // struct btf_member: name_off u32, type u32, offset u32 (with kind_flag: bitfield size 24-31, bit offset 0-23)
  #member(at: number, flag: boolean): BtfMember {
    const { view } = this.#reader
    const type = view.getUint32(at + 4, true)
    const offset = view.getUint32(at + 8, true)
    const name = this.string(view.getUint32(at, true))
    if (flag) return { name, type, bitOffset: offset & 0xffffff, bitfieldSize: offset >>> 24 }
    return { name, type, bitOffset: offset, bitfieldSize: 0 }
  }
}

const MAX_SIZE = 0xffff_ffff

const VOID: BtfType = { kind: 'void' }

function linkage(number: number, id: BtfTypeId): 'static' | 'global' | 'extern' {
  const name = BTF_LINKAGES[number]
  if (name === undefined) throw malformed(`type ${id} has the unknown linkage ${number}`)
  return name
}

/** What a type is called in a message: `struct sock`, `int`, `type 17`. */
export function describeBtfType(btf: Btf, id: BtfTypeId): string {
  const type = btf.type(id)
  const name = btfTypeName(type)
  if (type.kind === 'void') return 'void'
  if (name === '') return `${type.kind} (type ${id})`
  return type.kind === 'int' || type.kind === 'typedef' ? name : `${type.kind} ${name}`
}

/** The number of a kind, BTF_KIND_*. */
export function btfKindNumber(kind: BtfKind): number {
  return KIND_NUMBERS.get(kind) ?? 0
}
