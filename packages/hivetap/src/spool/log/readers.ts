import { Buffer } from 'node:buffer'
import { MAX_READER_NAME_BYTES, MAX_READERS } from '../codec/state.js'

/** @throws {RangeError} if a spool cannot have these readers */
export function checkReaders(readers: readonly string[]): void {
  if (readers.length > MAX_READERS) throw new RangeError(`A spool has at most ${MAX_READERS} readers`)
  if (new Set(readers).size < readers.length)
    throw new RangeError('Two readers of a spool have the same name')
  const long = readers.find((name) => Buffer.byteLength(name) > MAX_READER_NAME_BYTES)
  if (long !== undefined)
    throw new RangeError(`The name of a reader has at most ${MAX_READER_NAME_BYTES} bytes: ${long}`)
}
