import { join } from 'node:path'

/** The largest segment: what is read of one at most, whatever its file's size says. */
export const MAX_SEGMENT_BYTES = 1 << 26
const NAME = /^[0-9a-f]{14}\.seg$/

/** A file of the log. */
export interface Segment {
  readonly path: string
  /** Place of its first record. */
  readonly place: number
  /** Where it begins, in bytes since the spool was opened. */
  readonly base: number
  /** Bytes of it that are written. */
  size: number
  /** Place behind its last record. */
  to: number
  /** When its first and last records were accepted: milliseconds since 1970. */
  firstMs: number
  lastMs: number
}

/** Its name tells the place, so that names in order are the log in order. */
export function segmentPath(dir: string, place: number): string {
  return join(dir, `${place.toString(16).padStart(14, '0')}.seg`)
}

/** The place that a name tells; `undefined` if it is not the name of a segment. */
export function segmentPlace(name: string): number | undefined {
  if (!NAME.test(name)) return undefined
  const place = Number.parseInt(name, 16)
  return Number.isSafeInteger(place) ? place : undefined
}
