import { crc32c } from '@node-rs/crc32'
import { CRC_END, HEADER_BYTES, LENGTH_END, MAGIC } from './batch-layout.js'
import { varintBytes, writeVarint, zigzag } from './varint.js'

/** What of a record a broker keeps, but for its time. */
export interface BatchRecord {
  readonly key: Buffer | undefined
  readonly value: Buffer
  /** As `encodeHeaders` makes them. */
  readonly headers: Buffer
}

/** How batches are compressed: one of the library's ways. */
export interface BatchCompression {
  /** As a batch's attributes tell it; 0 where it is not. */
  readonly bitmask: number
  compressSync(bytes: Buffer): Buffer
}

const NO_PRODUCER = -1n
/** What a record takes beside its key, value and headers, at most. */
const RECORD_BYTES = 32

/** What a record takes before compression; never less than it does. */
export function sizeOf({ key, value, headers }: BatchRecord): number {
  return RECORD_BYTES + (key?.length ?? 0) + value.length + headers.length
}

/**
 * Makes record batches. What is compressed stands in a piece of memory that is used again: as large as the largest batch was.
 */
export class RecordBatchEncoder {
  readonly #compression: BatchCompression
  #scratch = Buffer.alloc(0)

  constructor(compression: BatchCompression) {
    this.#compression = compression
  }

  /** @param timeOf a record's time: whole milliseconds since 1970 */
  encode<R extends BatchRecord>(records: readonly R[], timeOf: (record: R) => number): Buffer {
    const { bitmask } = this.#compression
    const most = records.reduce((sum, record) => sum + sizeOf(record), 0)
    const plain = this.#room(most)
    let [first, max, end] = [0, 0, 0]
    for (let index = 0; index < records.length; index++) {
      const record = records[index]
      if (record === undefined) continue
      const time = timeOf(record)
      if (index === 0) first = time
      if (time > max) max = time
      end = writeRecord(plain, end, record, index, time - first)
    }
    const written = plain.subarray(0, end)
    const body = bitmask === 0 ? written : this.#compression.compressSync(written)
    return batchOf(body, { bitmask, count: records.length, first, max })
  }

  #room(bytes: number): Buffer {
    if (this.#scratch.length < bytes) this.#scratch = Buffer.allocUnsafeSlow(bytes)
    return this.#scratch
  }
}

/** @returns where it ends */
function writeRecord(bytes: Buffer, from: number, record: BatchRecord, index: number, delta: number): number {
  const { key, value, headers } = record
  const time = zigzag(delta)
  const offset = zigzag(index)
  const keyLength = zigzag(key?.length ?? -1)
  const valueLength = zigzag(value.length)
  const numbers = varintBytes(time) + varintBytes(offset) + varintBytes(keyLength) + varintBytes(valueLength)
  const length = 1 + numbers + (key?.length ?? 0) + value.length + headers.length
  let at = writeVarint(bytes, from, zigzag(length))
  bytes[at++] = 0
  at = writeVarint(bytes, at, time)
  at = writeVarint(bytes, at, offset)
  at = writeVarint(bytes, at, keyLength)
  if (key !== undefined) {
    bytes.set(key, at)
    at += key.length
  }
  at = writeVarint(bytes, at, valueLength)
  bytes.set(value, at)
  at += value.length
  bytes.set(headers, at)
  return at + headers.length
}

function batchOf(
  body: Buffer,
  about: { readonly bitmask: number; readonly count: number; readonly first: number; readonly max: number },
): Buffer {
  const batch = Buffer.allocUnsafe(HEADER_BYTES + body.length).fill(0, 0, HEADER_BYTES)
  batch.writeInt32BE(batch.length - LENGTH_END, 8)
  batch[16] = MAGIC
  batch.writeInt16BE(about.bitmask, 21)
  batch.writeInt32BE(about.count - 1, 23)
  batch.writeBigInt64BE(BigInt(about.first), 27)
  batch.writeBigInt64BE(BigInt(about.max), 35)
  batch.writeBigInt64BE(NO_PRODUCER, 43)
  batch.writeInt32BE(about.count, 57)
  batch.set(body, HEADER_BYTES)
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_END)), 17)
  return batch
}

/** Headers as they stand in a record: how many, then of each the length of its name, the name, that of its value, the value. */
export function encodeHeaders(headers: Iterable<readonly [string, string]>): Buffer {
  const texts = [...headers].flat().map((text) => Buffer.from(text))
  const parts = texts.flatMap((text) => [varintOf(zigzag(text.length)), text])
  return Buffer.concat([varintOf(zigzag(texts.length / 2)), ...parts])
}

function varintOf(value: number): Buffer {
  const bytes = Buffer.alloc(varintBytes(value))
  writeVarint(bytes, 0, value)
  return bytes
}
