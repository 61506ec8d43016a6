import { crc32c } from '@node-rs/crc32'
import {
  APPEND_TIME,
  COMPRESSION,
  CONTROL,
  CRC_END,
  HEADER_BYTES,
  LENGTH_END,
  MAGIC,
} from '../../sinks/kafka/batch-layout.js'
import { ByteCursor } from './byte-cursor.js'

/** Bytes that a batch may be once it is decompressed: the largest that a broker can be told to take. */
const MOST_BYTES = 2 ** 30

/** Decompresses, by the number that the protocol has for the way. */
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

/**
 * The batches that are there whole.
 *
 * @throws {RangeError} if they are none
 */
export function batchesIn(bytes: Buffer): readonly BatchBytes[] {
  const batches: BatchBytes[] = []
  let at = 0
  while (bytes.length - at >= HEADER_BYTES) {
    const length = bytes.readInt32BE(at + LENGTH_END - 4)
    if (length < HEADER_BYTES - LENGTH_END) throw new RangeError(`A batch of ${length} bytes is none.`)
    const end = at + LENGTH_END + length
    if (end > bytes.length) break
    batches.push(readHeader(bytes.subarray(at, end)))
    at = end
  }
  return batches
}

function readHeader(bytes: Buffer): BatchBytes {
  const cursor = new ByteCursor(bytes)
  const firstOffset = cursor.int64()
  cursor.take(8) // length, epoch of the leader
  const magic = cursor.int8()
  const crc = cursor.uint32()
  const attributes = cursor.int16()
  const lastOffset = firstOffset + Math.max(0, cursor.int32())
  const firstTimeMs = cursor.int64()
  const lastTimeMs = cursor.int64()
  cursor.take(14) // producer, its epoch, its sequence
  const count = cursor.int32()
  return { firstOffset, lastOffset, attributes, firstTimeMs, lastTimeMs, count, crc, magic, bytes }
}

/**
 * The records of a batch, decompressed and held against their checksum.
 *
 * @throws {RangeError} if they are not what was written, or cannot be decompressed
 */
export function recordBytes({ magic, crc, attributes, bytes }: BatchBytes, decompress: Decompress): Buffer {
  if (magic !== MAGIC) throw new RangeError(`It is of version ${magic}: Kafka before 0.11 wrote it.`)
  if (crc32c(bytes.subarray(CRC_END)) !== crc) throw new RangeError('Its checksum is wrong.')
  const records = bytes.subarray(HEADER_BYTES)
  const way = attributes & COMPRESSION
  if (way === 0) return records
  const plain = decompress(way, records)
  if (plain.length > MOST_BYTES) throw new RangeError(`It is ${plain.length} bytes once decompressed.`)
  return plain
}
