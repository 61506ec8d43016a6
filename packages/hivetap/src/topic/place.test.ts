import type { KafkaRecord, RecordsBatch } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { Place } from './place.js'

const record = (offsetDelta: number): KafkaRecord => ({
  length: 0,
  attributes: 0,
  timestampDelta: 0n,
  offsetDelta,
  key: null,
  value: Buffer.alloc(0),
  headers: [],
})

/** A batch from one offset to another, with records at some of them. */
const batch = (first: number, last: number, deltas: readonly number[], attributes = 0): RecordsBatch => ({
  firstOffset: BigInt(first),
  length: 0,
  partitionLeaderEpoch: 0,
  magic: 2,
  crc: 0,
  attributes,
  lastOffsetDelta: last - first,
  firstTimestamp: 0n,
  maxTimestamp: 0n,
  producerId: -1n,
  producerEpoch: -1,
  firstSequence: -1,
  records: deltas.map(record),
})
const offsets = (place: Place, one: RecordsBatch) => place.pass(one).map(({ offset }) => Number(offset))

describe('Place', () => {
  it('takes of a batch what it has not read, and nothing behind its end', () => {
    const place = new Place(0, 2n, 7n)
    expect(offsets(place, batch(0, 4, [0, 1, 2, 3, 4]))).toEqual([2, 3, 4])
    expect(offsets(place, batch(0, 4, [0, 1, 2, 3, 4]))).toEqual([])
    expect(place.isRead).toBe(false)
    expect(offsets(place, batch(5, 9, [0, 1, 2, 3, 4]))).toEqual([5, 6])
    expect(place).toMatchObject({ isRead: true, gaps: 0 })
  })

  it('counts offsets that hold nothing, within batches and between them', () => {
    const place = new Place(0, 0n, 20n)
    expect(offsets(place, batch(0, 4, [0, 4]))).toEqual([0, 4])
    expect(offsets(place, batch(8, 9, [0, 1]))).toEqual([8, 9])
    expect(place.gaps).toBe(6)
    place.giveUp()
    expect(place).toMatchObject({ isRead: true, gaps: 16 })
  })

  it('passes over what the brokers wrote, which is no gap', () => {
    const place = new Place(0, 0n, 3n)
    expect(offsets(place, batch(0, 1, [0, 1], 0x10))).toEqual([0, 1])
    expect(offsets(place, batch(2, 2, [0], 0x30))).toEqual([])
    expect(place).toMatchObject({ isRead: true, gaps: 0, transactional: 2 })
  })

  it('counts what was deleted before it was read', () => {
    const place = new Place(0, 5n, 20n)
    place.deleteUntil(3n)
    place.deleteUntil(9n)
    expect(place).toMatchObject({ next: 9n, deleted: 4 })
    place.deleteUntil(30n)
    expect(place).toMatchObject({ isRead: true, deleted: 15 })
  })
})
