import { MalformedFormatError } from '../errors.js'
import type { Btf } from './btf.js'
import { BtfBuilder } from './btf-builder.js'
import type { BtfMember, BtfTypeId } from './btf-type.js'

/** A field of a tracepoint's record, as its `format` file tells it. */
export interface TracepointField {
  /** `saddr`; for a `__data_loc` field, `__data_loc_filename`, as the kernel's own BTF calls it. */
  readonly name: string
  /** The C type as written, without the array's length: `__u8`, `const void *`. */
  readonly type: string
  /** Offset in the record, in bytes. The first eight bytes are the common fields, which programs cannot read. */
  readonly offset: number
  /** Size in bytes, of the whole array where it is one. */
  readonly size: number
  readonly signed: boolean
  /** Whether the type is an array. */
  readonly array: boolean
  /** Its elements, where they are written as a number: `[16]`; what is written as an expression is not known. */
  readonly length?: number
}

/** What a `format` file says. */
export interface TracepointFormat {
  readonly name: string
  /** The number that perf_event_open(2) takes. */
  readonly id: number
  readonly fields: readonly TracepointField[]
}

const FIELD =
  /^\s*field:(?<declaration>[^;]+);\s*offset:(?<offset>\d+);\s*size:(?<size>\d+);(?:\s*signed:(?<signed>-?\d+);)?\s*$/
const MAX_RECORD_SIZE = 1 << 16

function malformed(name: string, message: string): MalformedFormatError {
  return new MalformedFormatError(`Cannot read the format of tracepoint ${name || '(no name)'}: ${message}`)
}

/**
 * Reads `events/<group>/<name>/format` of tracefs.
 *
 * Only the declarations count; what stands under `print fmt` is C for people, with quotes and escapes in it.
 * Written by the kernel's kernel/trace/trace_events.c (f_show).
 *
 * @throws {MalformedFormatError} if the text is not such a file
 */
export function parseTracepointFormat(text: string): TracepointFormat {
  const printAt = text.search(/^print fmt:/m)
  const lines = (printAt < 0 ? text : text.slice(0, printAt)).split('\n')
  const name = headerValue(lines, 'name') ?? ''
  const id = headerValue(lines, 'ID') ?? ''
  if (!/^\w+$/.test(name)) throw malformed('', 'it has no name')
  if (!/^\d{1,9}$/.test(id)) throw malformed(name, 'it has no ID')
  const fields = lines.filter((line) => line.includes('field:')).map((line) => parseField(name, line))
  if (fields.length === 0) throw malformed(name, 'it has no fields')
  return { name, id: Number(id), fields }
}

function headerValue(lines: readonly string[], key: string): string | undefined {
  return lines
    .find((line) => line.startsWith(`${key}:`))
    ?.slice(key.length + 1)
    .trim()
}

function parseField(tracepoint: string, line: string): TracepointField {
  const groups = FIELD.exec(line)?.groups
  if (groups === undefined) throw malformed(tracepoint, `a field's line is not understood: ${line.trim()}`)
  const offset = Number(groups['offset'])
  const size = Number(groups['size'])
  if (offset + size > MAX_RECORD_SIZE) throw malformed(tracepoint, `a field ends at ${offset + size}`)
  const declaration = (groups['declaration'] ?? '').trim()
  // `__u8 saddr[4]`, `__u8 saddr[sizeof(struct sockaddr_in6)]`, `__data_loc char[] filename`, `const void * skaddr`
  const located = /^__(?:data|rel)_loc\b/.exec(declaration)?.[0]
  const match = /^(?<type>.*?[\s*])(?<name>\w+)(?<array>\[.*\])?$/.exec(declaration)
  const field = match?.groups
  if (field?.['name'] === undefined)
    throw malformed(tracepoint, `a field's declaration is not understood: ${declaration}`)
  return {
    name: located === undefined ? field['name'] : `${located}_${field['name']}`,
    type: (field['type'] ?? '').trim(),
    offset,
    size,
    signed: groups['signed'] !== undefined && groups['signed'] !== '0',
    array: field['array'] !== undefined,
    ...arrayLength(field['array']),
  }
}

function arrayLength(brackets: string | undefined): { length?: number } {
  const digits = /^\[(\d{1,9})\]$/.exec(brackets ?? '')?.[1]
  return digits === undefined ? {} : { length: Number(digits) }
}

/**
 * Turns a tracepoint's format into BTF, so that the ordinary CO-RE relocation finds its fields on kernels that
 * have no BTF of their own.
 *
 * The struct has the name that the kernel's BTF gives it, `trace_event_raw_<name>`. A field is a pointer or an
 * integer of its size, or an array where one was declared or the size is none of 1, 2, 4, 8.
 */
export function tracepointFormatBtf(formats: readonly TracepointFormat[]): Btf {
  const builder = new BtfBuilder()
  const integers = new Map<string, BtfTypeId>()
  const integer = (size: number, signed: boolean): BtfTypeId => {
    const name = `${signed ? 's' : 'u'}${size * 8}`
    let id = integers.get(name)
    if (id === undefined) {
      id = builder.add({
        kind: 'int',
        name,
        size,
        bits: size * 8,
        bitOffset: 0,
        signed,
        char: false,
        bool: false,
      })
      integers.set(name, id)
    }
    return id
  }
  const fieldType = (field: TracepointField): BtfTypeId => {
    if (!field.array && field.size === 8 && field.type.endsWith('*'))
      return builder.add({ kind: 'ptr', type: 0 })
    if (!field.array && [1, 2, 4, 8].includes(field.size)) return integer(field.size, field.signed)
    const elementSize = field.array ? arrayElementSize(field) : 1
    const pointers = elementSize === 8 && field.type.endsWith('*')
    return builder.add({
      kind: 'array',
      element: pointers ? builder.add({ kind: 'ptr', type: 0 }) : integer(elementSize, field.signed),
      index: integer(4, false),
      length: field.size / elementSize,
    })
  }
  for (const format of formats) {
    const members: BtfMember[] = format.fields.map((field) => ({
      name: field.name,
      type: fieldType(field),
      bitOffset: field.offset * 8,
      bitfieldSize: 0,
    }))
    const size = Math.max(...format.fields.map((field) => field.offset + field.size))
    builder.add({ kind: 'struct', name: `trace_event_raw_${format.name}`, size, members })
  }
  return builder.build()
}

const ELEMENT_SIZES: Readonly<Record<string, number>> = {
  char: 1,
  __u8: 1,
  u8: 1,
  'unsigned char': 1,
  __u16: 2,
  u16: 2,
  'unsigned short': 2,
  __u32: 4,
  u32: 4,
  'unsigned int': 4,
  __u64: 8,
  u64: 8,
  'unsigned long': 8,
}

/** What the length says, where it is a number; else what the type's name says; else bytes. */
function arrayElementSize(field: TracepointField): number {
  const size = field.length ? field.size / field.length : ELEMENT_SIZES[field.type.replace(/^const /, '')]
  return size !== undefined && [1, 2, 4, 8].includes(size) && field.size % size === 0 ? size : 1
}
