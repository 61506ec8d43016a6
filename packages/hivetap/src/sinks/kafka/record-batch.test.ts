import { compressionsAlgorithms, createRecordsBatch, Reader, readRecordsBatch } from '@platformatic/kafka'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeHeaders, RecordBatchEncoder, sizeOf } from './record-batch.js'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
const aTime = fc.oneof(fc.integer({ min: 0, max: 2 ** 50 }), fc.integer({ min: 1.7e12, max: 1.8e12 }))
const aRecord = fc.record({
  timeMs: aTime,
  key: fc.option(bytes(200), { nil: undefined }),
  value: fc.oneof(bytes(300), bytes(20_000)),
  headers: fc.array(fc.tuple(fc.string(), fc.string({ maxLength: 200 })), { maxLength: 70 }),
})
const records = fc.array(aRecord, { minLength: 1, maxLength: 150 })

test('a batch is, byte by byte, what the library makes of the same records', () => {
  const encoder = new RecordBatchEncoder({ bitmask: 0, compressSync: (plain) => plain })
  fc.assert(
    fc.property(records, aTime, (anywhere, base) => {
      // The library writes another time where two lie further apart than 31 bits of milliseconds.
      const given = anywhere.map((record) => ({ ...record, timeMs: base + (record.timeMs % 2 ** 31) }))
      const ours = encoder.encode(given.map(encoded), ({ timeMs }) => timeMs)
      const theirs = createRecordsBatch(given.map(asMessage)).buffer
      expect(ours.equals(theirs)).toBe(true)
    }),
  )
})

test.each(['lz4', 'gzip', 'snappy'] as const)('compressed by %s it is read as what was given', (name) => {
  const encoder = new RecordBatchEncoder(compressionsAlgorithms[name])
  fc.assert(
    fc.property(records, (given) => {
      const batch = readRecordsBatch(Reader.from(encoder.encode(given.map(encoded), ({ timeMs }) => timeMs)))
      const first = BigInt(given[0]?.timeMs ?? 0)
      expect(batch.firstTimestamp).toBe(first)
      expect(
        batch.records.map(({ timestampDelta, key, value, headers }) => ({
          timeMs: Number(first + timestampDelta),
          key: key ?? undefined,
          value,
          headers: headers.map(([name, text]) => [String(name), String(text)]),
        })),
      ).toEqual(given)
    }),
    { numRuns: 30 },
  )
})

test('a record is never larger than was reckoned with', () => {
  const encoder = new RecordBatchEncoder({ bitmask: 0, compressSync: (plain) => plain })
  fc.assert(
    fc.property(records, (given) => {
      const reckoned = given.reduce((sum, record) => sum + sizeOf(encoded(record)), 0)
      const batch = encoder.encode(given.map(encoded), ({ timeMs }) => timeMs)
      expect(batch.length).toBeLessThanOrEqual(61 + reckoned)
    }),
  )
})

type Given = typeof aRecord extends fc.Arbitrary<infer R> ? R : never

function encoded({ headers, ...record }: Given) {
  return { ...record, headers: encodeHeaders(headers) }
}

function asMessage({ timeMs, key, value, headers }: Given) {
  const entries = headers.map(([name, text]) => [Buffer.from(name), Buffer.from(text)] as const)
  return {
    topic: 't',
    ...(key === undefined ? {} : { key }),
    value,
    headers: new Map(entries),
    timestamp: BigInt(timeMs),
  }
}
