import { createRecordsBatch } from '@platformatic/kafka'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchesIn } from './batches-in.js'

/** A batch of so many records, as brokers have it: with its first offset. */
function batch(offset: number, count: number): Buffer {
  const messages = Array.from({ length: count }, (_, index) => ({
    topic: 't',
    partition: 0,
    value: Buffer.from(`value ${index}`),
    timestamp: BigInt(index),
  }))
  const { buffer } = createRecordsBatch(messages, { compression: 'none' })
  const bytes = Buffer.from(buffer)
  bytes.writeBigInt64BE(BigInt(offset))
  return bytes
}

const FIRST = batch(100, 5)
const BOTH = Buffer.concat([FIRST, batch(105, 3)])
const END = 108
const BOTH_OFFSETS = [
  [100, 104],
  [105, 107],
]

function offsets(bytes: Buffer, asked = 100, end = END) {
  const { batches, spoilt } = batchesIn(bytes, asked, end)
  return { batches: batches.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset]), spoilt }
}

describe('batches of an answer', () => {
  it('are those that are whole; the last may be cut, and of the first the beginning may not be wanted', () => {
    const all = {
      batches: [
        [100, 104],
        [105, 107],
      ],
      spoilt: undefined,
    }
    expect(offsets(BOTH)).toEqual(all)
    expect(offsets(BOTH, 103)).toEqual(all)
    expect(offsets(Buffer.alloc(0))).toEqual({ batches: [], spoilt: undefined })
    for (const cut of [1, 20, 60])
      expect(offsets(BOTH.subarray(0, -cut))).toEqual({ batches: [[100, 104]], spoilt: undefined })
    // What has come since the broker looked how far records go.
    expect(offsets(BOTH, 100, 105)).toEqual({ batches: [[100, 104]], spoilt: undefined })
  })

  it('are none where the first is cut, or its length cannot be', () => {
    for (const length of [-(2 ** 31), -1, 0, 12, 48, 2 ** 31 - 1]) {
      const bad = Buffer.from(BOTH)
      bad.writeInt32BE(length, 8)
      expect(offsets(bad)).toMatchObject({ batches: [], spoilt: { offset: 100, behind: 101 } })
    }
    expect(offsets(FIRST.subarray(0, 30))).toMatchObject({
      batches: [],
      spoilt: { offset: 100, behind: 101 },
    })
  })

  it('are none where offsets go back, or on to where there is nothing', () => {
    for (const offset of [0n, 95n, 104n, 1_000_000n, 2n ** 62n, -1n, -(2n ** 63n)]) {
      const bad = Buffer.from(FIRST)
      bad.writeBigInt64BE(offset)
      expect(offsets(bad).spoilt?.offset, String(offset)).toBe(100)
      const second = Buffer.concat([FIRST, batch(105, 3)])
      second.writeBigInt64BE(offset, FIRST.length)
      const { batches, spoilt } = offsets(second)
      expect(batches).toEqual([[100, 104]])
      if (offset < 105n) expect(spoilt).toMatchObject({ offset: 105 })
    }
  })

  it('tell where to go on behind one whose records are spoilt', () => {
    const bad = Buffer.from(BOTH)
    bad.writeUInt8(bad.readUInt8(80) ^ 1, 80)
    expect(offsets(bad)).toEqual({
      batches: [],
      spoilt: { offset: 100, behind: 105, why: 'Its checksum is wrong.' },
    })
  })

  it('with a bit that has turned are left out or as they were, and the reader stays within bounds', () => {
    fc.assert(
      fc.property(fc.nat(BOTH.length * 8 - 1), (bit) => {
        const bad = Buffer.from(BOTH)
        bad.writeUInt8(bad.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        const { batches, spoilt } = offsets(bad)
        const epoch = (bit >> 3) % FIRST.length
        // The leader's epoch may be any.
        if (bit >> 3 < FIRST.length && epoch >= 12 && epoch < 16) expect(batches).toHaveLength(2)
        // No checksum holds the offset: another that can be there is taken for it.
        if (epoch >= 8)
          for (const [index, each] of batches.entries()) expect(each).toEqual(BOTH_OFFSETS[index])
        else for (const [from = 0, to = 0] of batches) expect(from >= 0 && to >= 100 && to < END).toBe(true)
        if (spoilt !== undefined) {
          expect(spoilt.behind).toBeGreaterThan(spoilt.offset)
          expect(spoilt.behind).toBeLessThanOrEqual(END)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('of any bytes are none, and reading goes on', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(FIRST.length), (bytes, keep) => {
        const given = Buffer.concat([FIRST.subarray(0, keep), bytes])
        const { batches, spoilt } = batchesIn(given, 100, END)
        if (batches.length === 0 && given.length > 0)
          expect(spoilt === undefined ? -1 : spoilt.behind).toBeGreaterThan(100)
      }),
      { numRuns: 2000 },
    )
  })

  it('may claim any time: whoever wrote them chose it', () => {
    const bytes = createRecordsBatch(
      [{ topic: 't', partition: 0, value: Buffer.from('x'), timestamp: -(2n ** 62n) }],
      { compression: 'none' },
    ).buffer
    expect(batchesIn(Buffer.from(bytes), 0, 1).batches).toMatchObject([{ firstTimeMs: -(2 ** 62) }])
  })
})
