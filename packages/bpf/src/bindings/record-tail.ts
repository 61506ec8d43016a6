import type { Btf } from '../btf/btf.js'
import type { BtfComposite, BtfMember, BtfTypeId } from '../btf/btf-type.js'
import type { FieldTagIndex } from '../btf/field-tags.js'
import { isText } from './field-access.js'
import { endName, MAX_PARTS } from './generated-file.js'

/** A part of the array that ends a record: `parts(…)` in include/hivetap/event.h. */
export interface TailPart {
  readonly name: string
  readonly what: 'text' | 'texts' | 'bytes'
  /** What it is: a sentence. */
  readonly doc: string | undefined
  readonly optional: boolean
  /** The field that holds its size: an unsigned integer of at most 32 bits. */
  readonly size: { readonly name: string; readonly at: number; readonly bytes: number }
}

/** The array that ends a record, of which a record holds as much as its parts take. */
export interface RecordTail {
  readonly name: string
  /** Where it begins, and where it ends at most. */
  readonly at: number
  readonly end: number
  readonly parts: readonly TailPart[]
}

/** `path:path_size`, `args:args_size:texts?` */
const PART = /^(?<name>[A-Za-z_]\w*):(?<size>[A-Za-z_]\w*)(?<texts>:texts)?(?<optional>\?)?$/

/** Whether records of a struct are as long as what they hold. */
export function hasTail(tags: FieldTagIndex, id: BtfTypeId, type: BtfComposite): boolean {
  return type.members.some((_, index) => tags.of(id, index).parts !== undefined)
}

/**
 * The array that ends a struct, if it has one.
 *
 * @param fail the error of what cannot be: what is wrong with the struct
 */
export function recordTail(
  btf: Btf,
  tags: FieldTagIndex,
  id: BtfTypeId,
  type: BtfComposite,
  fail: (why: string) => Error,
): RecordTail | undefined {
  const index = type.members.findIndex((_, candidate) => tags.of(id, candidate).parts !== undefined)
  const member = type.members[index]
  if (member === undefined) return undefined
  const { name } = member
  if (index !== type.members.length - 1) throw fail(`has parts in ${name}, which is not its last field`)
  const array = btf.resolve(member.type).type
  const element = array.kind === 'array' ? btf.resolve(array.element).type : undefined
  if (name === '' || array.kind !== 'array' || array.length === 0 || !isByte(member, element))
    throw fail(`has parts in ${name}, which is no array of char or __u8`)
  const { parts: list = '', partDocs } = tags.of(id, index)
  const plain = isText(element) ? 'text' : 'bytes'
  const docs = docsByPart(partDocs)
  const parts = list
    .split(' ')
    .filter((text) => text !== '')
    .map((text): TailPart => {
      const found = PART.exec(text)?.groups
      if (found === undefined) throw fail(`has in ${name} a part ${text}, which is not name:size_field`)
      if (found['texts'] !== undefined && plain !== 'text')
        throw fail(`has texts in ${name}, which is of bytes`)
      return {
        name: found['name'] ?? '',
        what: found['texts'] === undefined ? plain : 'texts',
        doc: docs.get(found['name'] ?? ''),
        optional: found['optional'] !== undefined,
        size: sizeField(btf, type, found['size'] ?? '', fail),
      }
    })
  if (parts.length === 0 || parts.length > MAX_PARTS)
    throw fail(`has ${parts.length} parts in ${name}, not 1 to ${MAX_PARTS}`)
  for (const described of docs.keys())
    if (!parts.some((part) => part.name === described))
      throw fail(`says what ${described} is, which is no part of ${name}`)
  const at = member.bitOffset / 8
  return { name, at, end: at + array.length, parts }
}

/** Source text that looks whether the parts lie within a record of `length` bytes, and leaves where each ends. */
export function checkTail({ at, end, parts }: RecordTail): string[] {
  const last = endName(parts.length)
  return [
    ...parts.map(({ size }, index) => {
      const begin = index === 0 ? at : endName(index)
      const place = size.at === 0 ? 'at' : `at + ${size.at}`
      const read = `view.getUint${size.bytes * 8}(${place}${size.bytes === 1 ? '' : ', true'})`
      return `const ${endName(index + 1)} = ${begin} + ${read}`
    }),
    `if (${last} > length || ${last} > ${end}) return undefined`,
  ]
}

/** Where a part lies, and its size, as the arguments of a function that reads it. */
export function placeOfPart({ at }: RecordTail, index: number): string {
  const begin = index === 0 ? at : endName(index)
  return `view, at + ${begin}, ${endName(index + 1)} - ${begin}`
}

function isByte(
  member: BtfMember,
  element: ReturnType<Btf['resolve']>['type'] | undefined,
): element is Extract<typeof element, { kind: 'int' }> {
  return element?.kind === 'int' && element.size === 1 && !element.bool && member.bitOffset % 8 === 0
}

/** `filename: What it is`, by the name in front. */
function docsByPart(docs: readonly string[]): Map<string, string> {
  return new Map(
    docs.map((text): [string, string] => {
      const colon = text.indexOf(':')
      return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1).replace(/^ /, '')]
    }),
  )
}

function sizeField(
  btf: Btf,
  struct: BtfComposite,
  name: string,
  fail: (why: string) => Error,
): TailPart['size'] {
  const member = struct.members.find((candidate) => candidate.name === name)
  if (member === undefined) throw fail(`has no field ${name}`)
  const { type } = btf.resolve(member.type)
  const fits = type.kind === 'int' && !type.bool && !type.signed && [1, 2, 4].includes(type.size)
  if (!fits || isText(type) || member.bitfieldSize !== 0 || member.bitOffset % 8 !== 0)
    throw fail(`has a field ${name} that is no size: no unsigned integer of up to 32 bits`)
  return { name, at: member.bitOffset / 8, bytes: type.size }
}
