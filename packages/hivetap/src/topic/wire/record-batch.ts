import { APPEND_TIME, COMPRESSION, CONTROL, HEADER_BYTES } from '../../sinks/kafka/batch-layout.js'
import { ByteCursor } from './byte-cursor.js'

/** Bytes that a batch may be once it is decompressed: the largest that a broker can be told to take. */
export const MOST_BYTES = 2 ** 30

/** Decompresses, by the number that the protocol has for the way. What it returns may be written over by the next call. */
export type Decompress = (way: number, bytes: Buffer) => Buffer

/** A batch of records, as it is stored: what its header says, and the bytes of all of it. */
export interface BatchBytes {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly attributes: number
  readonly firstTimeMs: number
  readonly lastTimeMs: number
  readonly count: number
  readonly crc: number
  readonly magic: number
  readonly bytes: Buffer
}

/** Whether the brokers themselves wrote it: it holds no record of anybody. */
export function isControl({ attributes }: BatchBytes): boolean {
  return (attributes & CONTROL) !== 0
}

/** Whether its records have the time at which the broker took them, which is then `lastTimeMs`. */
export function hasAppendTime({ attributes }: BatchBytes): boolean {
  return (attributes & APPEND_TIME) !== 0
}

/** What a batch says of itself. @throws {RangeError} if its offset is none */
export function readHeader(bytes: Buffer): BatchBytes {
  const cursor = new ByteCursor(bytes)
  const firstOffset = cursor.int64()
  cursor.take(8) // length, epoch of the leader
  const magic = cursor.int8()
  const crc = cursor.uint32()
  const attributes = cursor.int16()
  const lastOffset = firstOffset + Math.max(0, cursor.int32())
  // Whoever wrote it may have put any time there.
  const firstTimeMs = cursor.anyInt64()
  const lastTimeMs = cursor.anyInt64()
  cursor.take(14) // producer, its epoch, its sequence
  const count = cursor.int32()
  return { firstOffset, lastOffset, attributes, firstTimeMs, lastTimeMs, count, crc, magic, bytes }
}

/**
 * The records of a batch, decompressed: valid until the next batch is.
 *
 * @throws {RangeError} if they cannot be
 */
export function recordBytes({ attributes, bytes }: BatchBytes, decompress: Decompress): Buffer {
  const records = bytes.subarray(HEADER_BYTES)
  const way = attributes & COMPRESSION
  if (way === 0) return records
  const plain = decompress(way, records)
  if (plain.length > MOST_BYTES) throw new RangeError(`It is ${plain.length} bytes once decompressed.`)
  return plain
}
