import { describe, expect, it } from 'vitest'
import type { BatchBytes } from '../wire/record-batch.js'
import { Place } from './place.js'

/** A batch from one offset to another. */
const batch = (firstOffset: number, lastOffset: number, attributes = 0): BatchBytes => ({
  firstOffset,
  lastOffset,
  attributes,
  firstTimeMs: 0,
  lastTimeMs: 0,
  count: 0,
  crc: 0,
  magic: 2,
  bytes: Buffer.alloc(0),
})
/** The offsets that are taken of a batch that holds these. */
function offsets(place: Place, one: BatchBytes, held: readonly number[]): readonly number[] {
  const taken = held.filter((offset) => place.wants(offset))
  place.pass(one, taken.length)
  return taken
}

describe('Place', () => {
  it('takes of a batch what it has not read, and nothing behind its end', () => {
    const place = new Place(0, 2, 7)
    expect(offsets(place, batch(0, 4), [0, 1, 2, 3, 4])).toEqual([2, 3, 4])
    expect(offsets(place, batch(0, 4), [0, 1, 2, 3, 4])).toEqual([])
    expect(place.isRead).toBe(false)
    expect(offsets(place, batch(5, 9), [5, 6, 7, 8, 9])).toEqual([5, 6])
    expect(place).toMatchObject({ isRead: true, gaps: 0, taken: 10 })
  })

  it('counts offsets that hold nothing, within batches and between them', () => {
    const place = new Place(0, 0, 20)
    expect(offsets(place, batch(0, 4), [0, 4])).toEqual([0, 4])
    expect(offsets(place, batch(8, 9), [8, 9])).toEqual([8, 9])
    expect(place.gaps).toBe(6)
    place.endHere()
    expect(place).toMatchObject({ isRead: true, gaps: 16 })
  })

  it('passes over what the brokers wrote, which is no gap', () => {
    const place = new Place(0, 0, 5)
    expect(offsets(place, batch(0, 1, 0x10), [0, 1])).toEqual([0, 1])
    expect(offsets(place, batch(2, 2, 0x30), [])).toEqual([])
    expect(offsets(place, batch(4, 4, 0x30), [])).toEqual([])
    // 3 is one: nobody wrote it.
    expect(place).toMatchObject({ isRead: true, gaps: 1, transactional: 2 })
  })

  it('counts what cannot be read, and why, once it was asked for again', () => {
    const place = new Place(0, 0, 20)
    place.pass(batch(0, 9), 4, 'its third record is cut')
    expect(place).toMatchObject({ taken: 10, gaps: 0, spoilt: 6 })
    expect([place.doubts(), place.doubts(), place.doubts()]).toEqual([false, false, true])
    place.giveUp(12, 'its checksum is wrong')
    expect(place).toMatchObject({ taken: 12, next: 12, spoilt: 8, whySpoilt: 'its third record is cut' })
    expect(place.doubts()).toBe(false)
    place.giveUp(30, 'its checksum is wrong')
    expect(place).toMatchObject({ isRead: true, spoilt: 16, gaps: 0 })
  })

  it('counts what was deleted before it was read', () => {
    const place = new Place(0, 5, 20)
    place.deleteUntil(3)
    place.deleteUntil(9)
    expect(place).toMatchObject({ next: 9, deleted: 4 })
    place.deleteUntil(30)
    expect(place).toMatchObject({ isRead: true, deleted: 15 })
  })
})
