import { InvalidSpecError } from '../errors.js'
import { Btf, btfKindNumber } from './btf.js'
import { BTF_LINKAGES, type BtfEnum, type BtfMember, type BtfType, type BtfTypeId } from './btf-type.js'

const HEADER_SIZE = 24
/** BTF_MAX_VLEN: a struct, an enum or a prototype has at most this many parts. */
const MAX_PARTS = 0xffff

/**
 * Writes BTF: types are added one by one, in any order that their references allow, and numbered from 1.
 *
 * A type may refer to one that is added later: numbers are only checked by whoever reads the result.
 * Format: the kernel's Documentation/bpf/btf.rst.
 */
export class BtfBuilder {
  readonly #strings = new StringTable()
  readonly #records: Uint32Array[] = []

  /** The number that the next type gets. */
  get nextId(): BtfTypeId {
    return this.#records.length + 1
  }

  /** Offset of a string in the string table; it is added if it is new. */
  string(text: string): number {
    return this.#strings.offset(text)
  }

  /**
   * Adds a type and returns its number.
   *
   * @throws {InvalidSpecError} for void, and for what the format has no room for
   */
  add(type: Exclude<BtfType, { kind: 'void' }>): BtfTypeId {
    this.#records.push(this.#encode(type))
    return this.#records.length
  }

  /** Replaces a type that was added before: for types that refer to each other. */
  set(id: BtfTypeId, type: Exclude<BtfType, { kind: 'void' }>): void {
    if (this.#records[id - 1] === undefined)
      throw new InvalidSpecError(`Cannot replace BTF type ${id}: there is none`)
    this.#records[id - 1] = this.#encode(type)
  }

  /** The bytes: header, types, strings. */
  bytes(): Uint8Array {
    const typesSize = this.#records.reduce((sum, record) => sum + record.byteLength, 0)
    const strings = this.#strings.bytes()
    const bytes = new Uint8Array(HEADER_SIZE + typesSize + strings.byteLength)
    const view = new DataView(bytes.buffer)
    view.setUint16(0, 0xeb9f, true)
    view.setUint8(2, 1)
    view.setUint32(4, HEADER_SIZE, true)
    view.setUint32(8, 0, true)
    view.setUint32(12, typesSize, true)
    view.setUint32(16, typesSize, true)
    view.setUint32(20, strings.byteLength, true)
    let at = HEADER_SIZE
    for (const record of this.#records) {
      for (const word of record) {
        view.setUint32(at, word, true)
        at += 4
      }
    }
    bytes.set(strings, at)
    return bytes
  }

  /** The result as types that can be asked for. */
  build(): Btf {
    return new Btf(this.bytes())
  }

  #encode(type: Exclude<BtfType, { kind: 'void' }>): Uint32Array {
    const name = 'name' in type ? this.string(type.name) : 0
    const head = (parts: number, flag: boolean, sizeOrType: number) => {
      if (parts > MAX_PARTS)
        throw new InvalidSpecError(
          `Cannot write BTF: ${type.kind} has ${parts} parts, more than ${MAX_PARTS}`,
        )
      return [name, ((flag ? 0x80000000 : 0) | (btfKindNumber(type.kind) << 24) | parts) >>> 0, sizeOrType]
    }
    switch (type.kind) {
      case 'int': {
        const encoding = (type.signed ? 1 << 24 : 0) | (type.char ? 1 << 25 : 0) | (type.bool ? 1 << 26 : 0)
        return words(head(0, false, type.size), [encoding | (type.bitOffset << 16) | type.bits])
      }
      case 'ptr':
      case 'volatile':
      case 'const':
      case 'restrict':
      case 'typedef':
      case 'type_tag':
        return words(head(0, false, type.type))
      case 'array':
        return words(head(0, false, 0), [type.element, type.index, type.length])
      case 'struct':
      case 'union': {
        // One bit field makes all members carry their width in the upper byte of their offset.
        const flag = type.members.some((member) => member.bitfieldSize > 0)
        const members = type.members.flatMap((member) => [
          this.string(member.name),
          member.type,
          memberOffset(member, flag),
        ])
        return words(head(type.members.length, flag, type.size), members)
      }
      case 'enum':
      case 'enum64': {
        const values = type.enumerators.flatMap(({ name: label, value }) => {
          checkEnumerator(type, label, value)
          const low = Number(BigInt.asUintN(32, value))
          return type.kind === 'enum'
            ? [this.string(label), low]
            : [this.string(label), low, Number(BigInt.asUintN(32, value >> 32n))]
        })
        return words(head(type.enumerators.length, type.signed, type.size), values)
      }
      case 'fwd':
        return words(head(0, type.union, 0))
      case 'func':
        return words(head(BTF_LINKAGES.indexOf(type.linkage), false, type.type))
      case 'func_proto':
        return words(
          head(type.parameters.length, false, type.returns),
          type.parameters.flatMap((parameter) => [this.string(parameter.name), parameter.type]),
        )
      case 'var':
        return words(head(0, false, type.type), [BTF_LINKAGES.indexOf(type.linkage)])
      case 'datasec':
        return words(
          head(type.variables.length, false, type.size),
          type.variables.flatMap((variable) => [variable.type, variable.offset, variable.size]),
        )
      case 'float':
        return words(head(0, false, type.size))
      case 'decl_tag':
        return words(head(0, false, type.type), [type.component])
    }
  }
}

function checkEnumerator(type: BtfEnum, name: string, value: bigint): void {
  const bits = type.kind === 'enum' ? 32 : 64
  const held = type.signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
  if (held !== value) {
    const what = `${type.signed ? 'a signed' : 'an unsigned'} ${type.kind}`
    throw new InvalidSpecError(`Cannot write BTF: ${what} has no room for ${name}, which is ${value}`)
  }
}

function memberOffset(member: BtfMember, flag: boolean): number {
  if (!flag) return member.bitOffset
  if (member.bitOffset > 0xffffff) {
    throw new InvalidSpecError(
      `Cannot write BTF: member ${member.name} at bit ${member.bitOffset} lies too far for a struct with bit fields`,
    )
  }
  return ((member.bitfieldSize << 24) | member.bitOffset) >>> 0
}

function words(head: readonly number[], rest: readonly number[] = []): Uint32Array {
  return Uint32Array.from([...head, ...rest])
}

/** Strings, each once, NUL-terminated, the empty one at offset 0. */
class StringTable {
  readonly #offsets = new Map<string, number>([['', 0]])
  readonly #chunks: Uint8Array[] = [new Uint8Array(1)]
  #size = 1

  offset(text: string): number {
    let offset = this.#offsets.get(text)
    if (offset === undefined) {
      if (text.includes('\0'))
        throw new InvalidSpecError(`Cannot write BTF: the name ${JSON.stringify(text)} holds a NUL`)
      offset = this.#size
      const chunk = new TextEncoder().encode(`${text}\0`)
      this.#chunks.push(chunk)
      this.#offsets.set(text, offset)
      this.#size += chunk.byteLength
    }
    return offset
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#size)
    let at = 0
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at)
      at += chunk.byteLength
    }
    return bytes
  }
}
