import type { Btf } from '../btf/btf.js'
import { type BtfComposite, type BtfEnum, type BtfTypeId, btfTypeName } from '../btf/btf-type.js'
import { FieldTagIndex } from '../btf/field-tags.js'
import { camelCase, enumeratorLabel, pascalCase } from '../btf/names.js'
import {
  type Access,
  BOOLEAN_ACCESS,
  bytesAccess,
  integerAccess,
  isPlainSize,
  isText,
  numberType,
  textAccess,
} from './field-access.js'
import { type GeneratedFile, indexName, itemName, MAX_DEPTH } from './generated-file.js'
import { checkTail, hasTail, placeOfPart, type RecordTail, recordTail } from './record-tail.js'
import { declareStruct, type StructField } from './struct-text.js'
import { commentText, quote } from './typescript-text.js'

/** What stands for a struct or an enum. */
interface Declaration {
  /** Its type. */
  readonly type: string
  /** Its codec, or its labels. */
  readonly value: string
  /** The list of a struct's fields. */
  readonly fields: string
  readonly writable: boolean
  readonly text: string
}

/** A member that has a place of its own, in bytes. */
interface PlacedMember {
  readonly name: string
  readonly type: BtfTypeId
  readonly index: number
  readonly at: number
  readonly size: number
}

/** Far beyond any record, key or value. */
const MAX_SIZE = 64 << 20

/** The types of an object in TypeScript: each is declared when something first asks for it. */
export class TypeDeclarations {
  readonly #btf: Btf
  readonly #file: GeneratedFile
  readonly #tags: FieldTagIndex
  /** By type, in the order in which they stand. */
  readonly #declarations = new Map<BtfTypeId, Declaration>()

  constructor(btf: Btf, file: GeneratedFile) {
    this.#btf = btf
    this.#file = file
    this.#tags = new FieldTagIndex(btf)
  }

  /** The text of all that was asked for. */
  get texts(): readonly string[] {
    return [...this.#declarations.values()].map(({ text }) => text)
  }

  /** The type that `setConstant` takes for a constant. */
  constantType(id: BtfTypeId, depth = 0): string {
    if (depth > MAX_DEPTH) throw this.#file.fail("a constant's type is nested too deep")
    const { id: resolved, type } = this.#btf.resolve(id)
    switch (type.kind) {
      case 'int':
        return type.bool && type.size === 1 ? 'boolean' : numberType(type.size)
      case 'enum':
      case 'enum64':
        if (type.name === '' || !isPlainSize(type.size)) return numberType(type.size)
        return this.#enum(resolved, type).type
      case 'array': {
        const element = this.#btf.resolve(type.element).type
        if (element.kind === 'int' && element.size === 1) return isText(element) ? 'string' : 'Uint8Array'
        return `readonly (${this.constantType(type.element, depth + 1)})[]`
      }
      default:
        throw this.#file.fail(`a constant is a ${type.kind}`)
    }
  }

  /**
   * The codec of a key, value or record, as an expression.
   *
   * @param writable of a key or value; a record is only read
   */
  codec(id: BtfTypeId | undefined, size: number, writable: boolean): string {
    if (id !== undefined) {
      const { id: resolved, type } = this.#btf.resolve(id)
      if (type.kind === 'struct' && this.#nameOf(id) !== '') {
        // In a map it is room in which a program makes its records.
        if (!writable || !hasTail(this.#tags, resolved, type))
          return this.#struct(id, type, writable, 0).value
      } else if (type.kind === 'int' && !type.bool && isPlainSize(type.size)) {
        return this.#file.use(`${type.signed ? 's' : 'u'}${type.size * 8}`)
      }
    }
    return `${this.#file.use('bytesCodec')}(${size})`
  }

  /** A type's own name, or that of the typedef that stands for it; empty where there is neither. */
  #nameOf(id: BtfTypeId): string {
    const { id: resolved, type } = this.#btf.resolve(id)
    let name = btfTypeName(type)
    for (let at = id; name === '' && at !== resolved; ) {
      const step = this.#btf.type(at)
      if (step.kind === 'typedef') name = step.name
      at = 'type' in step ? step.type : resolved
    }
    return name
  }

  /** Declares an enum's labels; they are indexed by value. */
  #enum(id: BtfTypeId, type: BtfEnum): Declaration {
    const known = this.#declarations.get(id)
    if (known !== undefined) return known
    const byValue = new Map(
      type.enumerators.map(({ name, value }) => [value, enumeratorLabel(type.name, name)]),
    )
    const labels = type.enumerators.flatMap((_, index) => byValue.get(BigInt(index)) ?? [])
    if (labels.length !== type.enumerators.length)
      throw this.#file.fail(`the values of enum ${type.name} are not 0, 1, 2 …`)
    const [name = '', labelsName = ''] = this.#file.scope.take((suffix) => [
      `${pascalCase(type.name)}${suffix}`,
      `${camelCase(type.name)}Labels${suffix}`,
    ])
    const what = commentText(`\`enum ${type.name}\``)
    const text = [
      `/** The labels of ${what}, by value. */`,
      `export const ${labelsName} = [${labels.map(quote).join(', ')}] as const`,
      '',
      `/** ${what}. */`,
      `export type ${name} = (typeof ${labelsName})[number]`,
    ].join('\n')
    return this.#declare(id, { type: name, value: labelsName, fields: '', writable: true, text })
  }

  #declare(id: BtfTypeId, declaration: Declaration): Declaration {
    this.#declarations.set(id, declaration)
    return declaration
  }

  /** Declares a struct's interface, its fields and its codec. */
  #struct(id: BtfTypeId, type: BtfComposite, writable: boolean, depth: number): Declaration {
    const { id: resolved } = this.#btf.resolve(id)
    const cName = this.#nameOf(id)
    const known = this.#declarations.get(resolved)
    // One that was declared for records alone is declared anew, in its place, when a map holds it too.
    if (known !== undefined && (known.writable || !writable)) return known
    const tail = recordTail(this.#btf, this.#tags, resolved, type, (why) =>
      this.#file.fail(`struct ${type.name} ${why}`),
    )
    const fields = this.#fields(resolved, type, tail, writable, depth)
    const [value = '', name = '', list = ''] =
      known === undefined
        ? this.#file.scope.take((suffix) => [
            `${camelCase(cName)}${suffix}`,
            `${pascalCase(cName)}${suffix}`,
            `${camelCase(cName)}Fields${suffix}`,
          ])
        : [known.value, known.type, known.fields]
    const text = declareStruct({
      cName: `${type.name === '' ? '' : 'struct '}${cName}`,
      names: { value, type: name, fields: list },
      codecType: this.#file.useType(writable ? 'Codec' : tail === undefined ? 'Decoder' : 'RecordDecoder'),
      size: tail?.at ?? type.size,
      ...(tail === undefined ? {} : { tail: { end: tail.end, check: checkTail(tail) } }),
      writable,
      fields,
    })
    return this.#declare(resolved, { type: name, value, fields: list, writable, text })
  }

  /** The members that have a property: no anonymous ones, no bit fields, no sizes of parts; and the parts. */
  #fields(
    id: BtfTypeId,
    type: BtfComposite,
    tail: RecordTail | undefined,
    writable: boolean,
    depth: number,
  ): StructField[] {
    const hidden = new Set([tail?.name, ...(tail?.parts ?? []).map(({ size }) => size.name)])
    const members = this.#placedMembers(type, depth).filter(({ name }) => !hidden.has(name))
    this.#file.checkDistinct(`fields of struct ${type.name}`, [...members, ...(tail?.parts ?? [])])
    return [
      ...members.map((member) => this.#field(id, type, member, writable, depth)),
      ...(tail === undefined ? [] : this.#partFields(tail)),
    ]
  }

  #placedMembers(type: BtfComposite, depth: number): PlacedMember[] {
    const fail = (why: string) => this.#file.fail(`struct ${type.name} ${why}`)
    if (depth > MAX_DEPTH) throw fail('is nested too deep')
    if (type.size > MAX_SIZE) throw fail(`takes ${type.size} bytes, more than ${MAX_SIZE}`)
    const members = type.members.flatMap((member, index) => {
      if (member.name === '' || member.bitfieldSize !== 0 || member.bitOffset % 8 !== 0) return []
      const { name, type: memberType } = member
      return [{ name, type: memberType, index, at: member.bitOffset / 8, size: this.#btf.sizeOf(memberType) }]
    })
    // Disjoint members bound what reading a record costs by its size.
    let end = 0
    for (const { name, at, size } of members) {
      if (at < end || at + size > type.size)
        throw fail(`has a field ${name} that overlaps another, or ends past it`)
      end = at + size
    }
    return members
  }

  #field(
    id: BtfTypeId,
    type: BtfComposite,
    member: PlacedMember,
    writable: boolean,
    depth: number,
  ): StructField {
    const { doc, optional, asNumber, ipFamily } = this.#tags.of(id, member.index)
    const access =
      ipFamily === undefined
        ? this.#access(member.type, asNumber, writable, depth + 1)
        : this.#ipAddress(type, member, ipFamily)
    const place = member.at === 0 ? 'at' : `at + ${member.at}`
    return {
      name: member.name,
      property: camelCase(member.name),
      type: access.type,
      doc,
      optional,
      labels: access.labels,
      read: () => access.read(place, 0),
      write: (value) => access.write(place, value, 0),
    }
  }

  #partFields(tail: RecordTail): StructField[] {
    const ways = {
      text: { type: 'string', reader: 'readText' },
      texts: { type: 'readonly string[]', reader: 'readTexts' },
      bytes: { type: 'Uint8Array', reader: 'readBytes' },
    }
    return tail.parts.map(({ name, what, doc, optional }, index) => {
      const { type, reader } = ways[what]
      return {
        name,
        property: camelCase(name),
        type,
        doc,
        optional,
        labels: undefined,
        read: () => `${this.#file.use(reader)}(${placeOfPart(tail, index)})`,
        write: () => {
          throw this.#file.fail('parts are for records, not for maps')
        },
      }
    })
  }

  #ipAddress(struct: BtfComposite, address: { name: string; size: number }, family: string): Access {
    const fail = (why: string) => this.#file.fail(`struct ${struct.name} ${why}`)
    const member = struct.members.find(({ name }) => name === family)
    if (member === undefined) throw fail(`has no field ${family}`)
    const { type } = this.#btf.resolve(member.type)
    if (type.kind !== 'int' || type.size > 4 || member.bitfieldSize !== 0 || member.bitOffset % 8 !== 0)
      throw fail(`has a field ${family} that is no number of an IP version`)
    if (address.size !== 16) throw fail(`has an IP address ${address.name} of ${address.size} bytes, not 16`)
    const version = integerAccess(this.#file, type.size, type.signed, true)
    return {
      type: 'string',
      read: (at) =>
        `${this.#file.use('readIpAddress')}(view, ${at}, ${version.read(`at + ${member.bitOffset / 8}`, 0)})`,
      write: () => {
        throw this.#file.fail('IP addresses are for records, not for maps')
      },
    }
  }

  #access(id: BtfTypeId, asNumber: boolean, writable: boolean, depth: number): Access {
    const { id: resolved, type } = this.#btf.resolve(id)
    switch (type.kind) {
      case 'int':
        if (type.bool && type.size === 1) return BOOLEAN_ACCESS
        return integerAccess(this.#file, type.size, type.signed, asNumber)
      case 'ptr':
        return integerAccess(this.#file, 8, false, false)
      case 'enum':
      case 'enum64':
        return this.#enumAccess(resolved, type)
      case 'struct': {
        // Records that are as long as what they hold stand alone: within another struct they are bytes.
        if (this.#nameOf(id) === '' || hasTail(this.#tags, resolved, type))
          return bytesAccess(this.#file, type.size)
        const { type: name, value: codec } = this.#struct(id, type, writable, depth)
        return {
          type: name,
          read: (at) => `${codec}.read(view, ${at})`,
          write: (at, value) => `${codec}.write(view, ${at}, ${value})`,
        }
      }
      case 'array':
        return this.#array(type.element, type.length, asNumber, writable, depth)
      default:
        return bytesAccess(this.#file, this.#btf.sizeOf(resolved))
    }
  }

  #enumAccess(id: BtfTypeId, type: BtfEnum): Access {
    const integer = integerAccess(this.#file, type.size, type.signed, true)
    if (type.name === '' || !isPlainSize(type.size)) return integer
    const { type: name, value: labels } = this.#enum(id, type)
    return {
      type: name,
      labels,
      read: (at, arrays) => `${this.#file.use('readEnum')}(${labels}, ${integer.read(at, arrays)})`,
      write: (at, value, arrays) =>
        integer.write(at, `${this.#file.use('writeEnum')}(${labels}, ${value})`, arrays),
    }
  }

  #array(elementId: BtfTypeId, length: number, asNumber: boolean, writable: boolean, depth: number): Access {
    if (depth > MAX_DEPTH) throw this.#file.fail('an array is nested too deep')
    const { type } = this.#btf.resolve(elementId)
    const stride = this.#btf.sizeOf(elementId)
    if (type.kind === 'int' && type.size === 1 && isText(type)) return textAccess(this.#file, length)
    // Bytes; and what takes no room, of which there may be any number.
    if ((type.kind === 'int' && type.size === 1) || length * stride === 0)
      return bytesAccess(this.#file, length * stride)
    const element = this.#access(elementId, asNumber, writable, depth + 1)
    return {
      type: `readonly ${element.type.includes(' ') ? `(${element.type})` : element.type}[]`,
      read: (at, arrays) => {
        const index = indexName(arrays)
        return `${this.#file.use('readArray')}(${length}, (${index}) => ${element.read(`${at} + ${index} * ${stride}`, arrays + 1)})`
      },
      write: (at, value, arrays) => {
        const [item, index] = [itemName(arrays), indexName(arrays)]
        const write = element.write(`${at} + ${index} * ${stride}`, item, arrays + 1)
        return `${this.#file.use('writeArray')}(${length}, ${value}, (${item}, ${index}) => ${write})`
      },
    }
  }
}
