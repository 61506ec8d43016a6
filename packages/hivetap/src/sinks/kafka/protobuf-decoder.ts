import { eventMessage } from './event-message.js'

/** What a message is made into: numbers that the library reads in two halves as numbers, lists as lists. */
const PLAIN = {
  longs: Number,
  bytes: String,
  arrays: false,
  objects: false,
  defaults: false,
  oneofs: true,
} as const
const NANOS_A_SECOND = 1_000_000_000n

/**
 * Makes the JSON of records of their Protobuf: what the encoder was given, with its fields in another order.
 *
 * @returns `undefined` for what is no such message
 */
export function protobufDecoder(): (value: Buffer) => Buffer | undefined {
  const { type, kinds } = eventMessage()
  return (value) => {
    try {
      const message = type.decode(value)
      const time = timeOf((message as { time_unix_nano?: unknown }).time_unix_nano)
      return Buffer.from(JSON.stringify(envelopeOf(type.toObject(message, PLAIN), kinds, time)))
    } catch {
      return undefined
    }
  }
}

function envelopeOf(
  message: Readonly<Record<string, unknown>>,
  kinds: ReadonlySet<string>,
  time: string | undefined,
): Record<string, unknown> {
  const { time_unix_nano: _, extra_json: extra, record: kind, ...rest } = message
  const part = typeof kind === 'string' && kinds.has(kind) ? message[kind] : undefined
  const head = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== kind))
  const more: unknown = typeof extra === 'string' ? JSON.parse(extra) : undefined
  return {
    ...head,
    ...(time !== undefined && { time }),
    // A tool says itself whose events they are; accounts are records of their own.
    ...(typeof kind === 'string' && message['tool'] !== kind && { record: kind }),
    ...(part as object | undefined),
    ...(typeof more === 'object' && more !== null ? more : {}),
  }
}

/** RFC 3339, UTC, with nanoseconds. @param nanos since 1970: in two halves, or a number where the library has no halves */
function timeOf(nanos: unknown): string | undefined {
  const { low, high } = (nanos ?? {}) as { low?: number; high?: number }
  const halves = low === undefined || high === undefined ? undefined : [BigInt(high >>> 0), BigInt(low >>> 0)]
  const [upper = 0n, lower = typeof nanos === 'number' ? BigInt(nanos) : 0n] = halves ?? []
  const all = (upper << 32n) | lower
  if (all === 0n) return undefined
  const second = new Date(Number(all / NANOS_A_SECOND) * 1000).toISOString().slice(0, 19)
  return `${second}.${String(all % NANOS_A_SECOND).padStart(9, '0')}Z`
}
