import type { SpoolRecord } from '../../spool/spool.js'

/** What a record's envelope says first: it begins with this, so that the rest need not be read. */
export interface EnvelopeHead {
  readonly eventId: string
  /** RFC 3339, UTC. */
  readonly time: string
}

const HEAD = /^\{"version":\d+,"event_id":"([\x21-\x7e]*?)","time":"([0-9TZ:.-]+)"/
const HEAD_BYTES = 512

/** Reads the head of a record's envelope; `undefined` where it has none. */
export function envelopeHead({ value }: SpoolRecord): EnvelopeHead | undefined {
  const [, eventId, time] = HEAD.exec(asBuffer(value).toString('latin1', 0, HEAD_BYTES)) ?? []
  return eventId === undefined || time === undefined ? undefined : { eventId, time }
}

/** The record as an object; `undefined` where it is none. */
export function envelopeOf({ value }: SpoolRecord): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(asBuffer(value).toString('utf8'))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** The same bytes as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
