import { checkReaders } from './log/readers.js'
import type { SpoolPolicy } from './spool.js'

/** What both kinds of spool are told. */
export interface SpoolOptions {
  /** Bytes that it takes at most, of the disk or of memory. */
  readonly maxBytes: number
  /** Batches that were accepted longer ago are given up; absent: they are kept, however old. */
  readonly maxAgeMs?: number
  /** What becomes of a batch that there is no room for. */
  readonly policy: SpoolPolicy
  /** Who reads it: what they have not acknowledged is held for them. */
  readonly readers: readonly string[]
  /** The wall clock, in milliseconds since 1970: for tests. */
  readonly now?: () => number
}

/** @throws {RangeError} if a spool cannot be like that */
export function checkOptions({ maxBytes, maxAgeMs, readers }: SpoolOptions): void {
  if (!Number.isSafeInteger(maxBytes) || maxBytes <= 0)
    throw new RangeError(`A spool of ${maxBytes} bytes cannot be: give a whole number above zero`)
  if (maxAgeMs !== undefined && !(maxAgeMs > 0))
    throw new RangeError(`A spool that keeps batches for ${maxAgeMs} ms cannot be: give a number above zero`)
  checkReaders(readers)
}
