import {
  type CompressionAlgorithmValue,
  compressionsAlgorithmsByBitmask,
  createRecordsBatch,
  type MessageRecord,
} from '@platformatic/kafka'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchesIn } from './batches-in.js'
import { isControl, recordBytes } from './record-batch.js'
import { RecordCursor } from './record-cursor.js'

const decompress = (way: number, bytes: Buffer) =>
  Buffer.from(compressionsAlgorithmsByBitmask[way]?.decompressSync(bytes) ?? [])

/** As the library writes them; the broker puts the first offset in. */
function written(messages: MessageRecord[], compression: CompressionAlgorithmValue, offset = 0): Buffer {
  const { buffer } = createRecordsBatch(messages, { compression })
  const bytes = Buffer.from(buffer)
  bytes.writeBigInt64BE(BigInt(offset))
  return bytes
}

/** Behind all offsets that tests have. */
const END = 2 ** 40

function read(bytes: Buffer) {
  const cursor = new RecordCursor()
  return batchesIn(bytes, 0, END).batches.flatMap((batch) => {
    cursor.begin(batch, recordBytes(batch, decompress))
    const records: { offset: number; time: number; value: Buffer | null; header: string | undefined }[] = []
    while (cursor.next()) {
      const { valueFrom, valueTo } = cursor
      const value = valueTo < 0 ? null : Buffer.from(cursor.bytes.subarray(valueFrom, valueTo))
      records.push({ offset: cursor.offset, time: cursor.timeMs, value, header: cursor.header('kind') })
    }
    return records
  })
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((each) => Buffer.from(each))
const message = fc.record({
  key: bytes(5),
  value: bytes(200),
  // The library writes times of one batch wrong that are further apart than 2^31 ms.
  timestamp: fc.bigInt(2n ** 40n, 2n ** 40n + 2n ** 31n - 1n),
  kind: fc.option(fc.constantFrom('', 'a', 'application/json')),
})
const ways = fc.constantFrom('none', 'lz4', 'gzip', 'snappy') as fc.Arbitrary<CompressionAlgorithmValue>
const made = fc.array(message, { minLength: 1, maxLength: 20 })

describe('records of batches', () => {
  it('are those that were written, in whatever way they are compressed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(made, ways), { maxLength: 4 }), (batches) => {
        let offset = 1000
        const expected: unknown[] = []
        const stored = batches.map(([messages, way]) => {
          const from = offset
          for (const { value, timestamp, kind } of messages)
            expected.push({ offset: offset++, time: Number(timestamp), value, header: kind ?? undefined })
          return written(
            messages.map(({ kind, ...rest }) => ({
              topic: 't',
              partition: 0,
              ...rest,
              headers: new Map([
                [Buffer.from('other'), Buffer.from('x')],
                ...(kind === null ? [] : [[Buffer.from('Kind'), Buffer.from(kind)] as const]),
              ]),
            })),
            way,
            from,
          )
        })
        expect(read(Buffer.concat(stored))).toEqual(expected)
      }),
    )
  })

  it('are not there where the last batch is cut, and a value may be none', () => {
    const one = written([{ topic: 't', partition: 0, value: null as never, timestamp: 5n }], 'none', 7)
    expect(read(Buffer.concat([one, one.subarray(0, -1)]))).toEqual([
      { offset: 7, time: 5, value: null, header: undefined },
    ])
    expect(batchesIn(one, 7, 8).batches.map(isControl)).toEqual([false])
  })

  it('are refused by a typed error whatever their bytes are', () => {
    const cursor = new RecordCursor()
    fc.assert(
      fc.property(bytes(100), fc.nat(10), (records, count) => {
        const one = written([{ topic: 't', partition: 0, value: Buffer.from('x') }], 'none')
        const [batch] = batchesIn(one, 0, 1).batches
        if (batch === undefined) throw new Error('There is no batch.')
        cursor.begin({ ...batch, count }, records)
        try {
          while (cursor.next()) {
            expect(cursor.valueTo).toBeLessThanOrEqual(records.length)
            cursor.header('kind')
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})
