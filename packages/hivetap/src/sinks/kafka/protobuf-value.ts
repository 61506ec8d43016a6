import type { SpoolRecord } from '../../spool/spool.js'
import { envelopeOf } from './envelope.js'
import { EVENT_DESCRIPTOR } from './event-descriptor.generated.js'
import { eventMessage } from './event-message.js'

/** A field’s type in the descriptor, and whether it is a list or a map. */
interface FieldShape {
  readonly type: string
  readonly rule?: string
  readonly keyType?: string
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/
const TAKES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  int64: (value) => Number.isSafeInteger(value),
  uint32: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32,
  double: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  bytes: (value) => typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value,
}

/**
 * Makes Protobuf of records: hivetap.v1.Event of proto/hivetap/v1/event.proto. What the schema has no field for, or a field
 * of another type, goes into `extra_json`; a record that is no JSON object goes there as a text.
 */
export function protobufEncoder(): (record: SpoolRecord) => Buffer {
  const { type, kinds } = eventMessage()
  return (record) => {
    const envelope = envelopeOf(record)
    const message = envelope === undefined ? textOnly(record) : messageOf(envelope, kinds)
    const bytes = type.encode(message).finish()
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

function textOnly({ tool, value }: SpoolRecord): Record<string, unknown> {
  return { tool, extra_json: JSON.stringify(Buffer.from(value).toString('utf8')) }
}

function messageOf(
  envelope: Readonly<Record<string, unknown>>,
  kinds: ReadonlySet<string>,
): Record<string, unknown> {
  const messages: Readonly<Record<string, unknown>> = EVENT_DESCRIPTOR.nested.hivetap.nested.v1.nested
  const said = envelope['record'] ?? envelope['tool']
  const kind = typeof said === 'string' && kinds.has(said) ? said : undefined
  const event: Record<string, unknown> = {}
  const part: Record<string, unknown> = {}
  const extra: Record<string, unknown> = {}
  const head = fieldsOf(messages['Event'])
  const body = kind === undefined ? {} : fieldsOf(messages[String(head[kind]?.type)])
  for (const [name, value] of Object.entries(envelope)) {
    const nanos = name === 'time' ? unixNanos(value) : undefined
    if (nanos !== undefined) event['time_unix_nano'] = nanos
    else if (name === 'record' && kind === value) continue
    else if (!kinds.has(name) && fits(head[name], value)) event[name] = value
    else if (fits(body[name], value)) part[name] = body[name]?.type === 'bytes' ? bytesOf(value) : value
    else extra[name] = value
  }
  if (kind !== undefined) event[kind] = part
  if (Object.keys(extra).length > 0) event['extra_json'] = JSON.stringify(extra)
  return event
}

function fieldsOf(message: unknown): Readonly<Record<string, FieldShape>> {
  return (message as { readonly fields?: Readonly<Record<string, FieldShape>> } | undefined)?.fields ?? {}
}

function fits(shape: FieldShape | undefined, value: unknown): boolean {
  const takes = shape === undefined ? undefined : (TAKES[shape.type] ?? takesPart(shape.type))
  if (shape === undefined || takes === undefined) return false
  if (shape.rule === 'repeated') return Array.isArray(value) && value.every(takes)
  if (shape.keyType !== undefined)
    return typeof value === 'object' && value !== null && Object.values(value).every(takes)
  return takes(value)
}

/** Takes an object that a message has a field for all of; `undefined` if there is no such message. */
function takesPart(type: string): ((value: unknown) => boolean) | undefined {
  const messages: Readonly<Record<string, unknown>> = EVENT_DESCRIPTOR.nested.hivetap.nested.v1.nested
  if (!Object.hasOwn(messages, type)) return undefined
  const fields = fieldsOf(messages[type])
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, one]) => fits(fields[name], one))
}

/** In JSON they stand as base64. */
function bytesOf(value: unknown): Buffer {
  return Buffer.from(value as string, 'base64')
}

/** Nanoseconds since 1970 in two halves, as the library takes what is larger than 2^53. */
function unixNanos(time: unknown): { low: number; high: number; unsigned: true } | undefined {
  const [, seconds, fraction = ''] = (typeof time === 'string' ? RFC3339.exec(time) : undefined) ?? []
  const milliseconds = Date.parse(`${seconds}Z`)
  if (seconds === undefined || !(milliseconds >= 0)) return undefined
  const nanos = BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
  if (nanos >= 2n ** 64n) return undefined
  return { low: Number(nanos & 0xffff_ffffn) | 0, high: Number(nanos >> 32n) | 0, unsigned: true }
}
