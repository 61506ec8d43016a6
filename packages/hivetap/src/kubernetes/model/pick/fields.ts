import type { JsonObject } from '../../../stream/json-object.js'
import { plainAddress } from '../ip-address.js'

/** Names of objects: a DNS subdomain (RFC 1123), as the API server holds pods, Services and nodes to. */
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/
/** UIDs: UUIDs, and the 32 hexadecimal digits of static pods. Others could make them, so not only these. */
const UID = /^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,127})$/
const WORD = /^[\x21-\x7e]+$/
/** `2026-11-28T13:27:07Z`, with a fraction where the field is of microseconds. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/

/** An object's members; none of what is no object. */
export function membersOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** A list's first entries that are objects. */
export function objectsOf(value: unknown, most: number): readonly JsonObject[] {
  return listOf(value, most).filter(
    (entry): entry is JsonObject => typeof entry === 'object' && entry !== null && !Array.isArray(entry),
  )
}

export function listOf(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : []
}

/** A word of what can be printed, of ASCII, as references of images are: not longer than that. */
export function wordOf(value: unknown, most = 253): string | undefined {
  return typeof value === 'string' && value.length <= most && WORD.test(value) ? value : undefined
}

export function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && NAME.test(value) ? value : undefined
}

export function uidOf(value: unknown): string | undefined {
  return typeof value === 'string' && UID.test(value) ? value : undefined
}

export function portOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
    ? value
    : undefined
}

/** Milliseconds since 1970. The API writes whole seconds, cut off: it was up to a second later. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !TIME.test(value)) return undefined
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : time
}

/** Those that are addresses, each once, in the one way in which they are looked up. */
export function addressesOf(values: Iterable<unknown>): readonly string[] {
  const addresses = new Set<string>()
  for (const value of values) {
    const address = typeof value === 'string' ? plainAddress(value) : undefined
    if (address !== undefined) addresses.add(address)
  }
  return [...addresses]
}

/** TCP is what a port is of that does not say. */
export function isTcp(port: JsonObject): boolean {
  return port['protocol'] === undefined || port['protocol'] === 'TCP'
}

/** What every object says of itself. */
export interface ObjectHead {
  readonly namespace: string
  readonly name: string
  readonly uid: string | undefined
  readonly metadata: JsonObject
  /** When it was made, by the API server's clock. */
  readonly createdMs: number | undefined
}

/** @returns `undefined` if it has no name, or is in a namespace that has none */
export function headOf(object: unknown): ObjectHead | undefined {
  const metadata = membersOf(membersOf(object)['metadata'])
  const name = nameOf(metadata['name'])
  const namespace = metadata['namespace'] === undefined ? '' : nameOf(metadata['namespace'])
  if (name === undefined || namespace === undefined) return undefined
  return {
    namespace,
    name,
    uid: uidOf(metadata['uid']),
    metadata,
    createdMs: timeOf(metadata['creationTimestamp']),
  }
}

/**
 * When an object was last written to: since then it is as it is. By the API server's clock.
 *
 * @returns `undefined` if it does not say
 */
export function writtenMs(metadata: JsonObject): number | undefined {
  let latest: number | undefined
  for (const entry of objectsOf(metadata['managedFields'], 256)) {
    const time = timeOf(entry['time'])
    // Of one who wrote nobody knows when: then of the object neither.
    if (time === undefined) return undefined
    latest = Math.max(latest ?? time, time)
  }
  return latest
}
