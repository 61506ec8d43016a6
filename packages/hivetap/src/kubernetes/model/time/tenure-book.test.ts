import { describe, expect, it } from 'vitest'
import type { Tenure } from './tenure.js'
import { TenureBook } from './tenure-book.js'

const open = (): Tenure => ({ earliest: 0, from: 0, until: Infinity, latest: Infinity })

describe('a book of tenures', () => {
  it('forgets what is over by age, and by count before that, which it counts', () => {
    const book = new TenureBook<Tenure>({ ageMs: 100, past: 2, all: 100 })
    for (const at of [10, 20, 30]) {
      const tenure = open()
      book.add(`k${at}`, tenure)
      book.close(`k${at}`, tenure, at, at, at)
    }
    expect([book.open, book.past, book.evicted]).toEqual([0, 2, 1])
    expect(book.of('k10', 5)).toEqual([])
    book.forget(120)
    expect([book.of('k20', 5)?.length, book.of('k30', 5)?.length]).toEqual([0, 1])
    book.forget(130)
    expect([book.past, book.evicted]).toEqual([0, 1])
  })

  it('does not know who held something at a time of which it forgot a part', () => {
    const book = new TenureBook<Tenure>({ ageMs: 100, past: 10, all: 100 })
    const over = open()
    book.add('k', over)
    book.add('k', open())
    book.close('k', over, 40, 50, 60)
    expect(book.of('k', 49)?.length).toBe(2)
    book.forget(160)
    expect(book.of('k', 49)).toBeUndefined()
    expect(book.of('k', 50)?.length).toBe(1)
  })

  it('refuses what is over its bound, and then does not know who holds it', () => {
    const book = new TenureBook<Tenure>({ ageMs: 100, past: 10, all: 2 })
    expect([
      book.add('a', open()),
      book.add('b', open()),
      book.add('a', open()),
      book.add('c', open()),
    ]).toEqual([true, true, false, false])
    expect(book.refused).toBe(2)
    expect(book.of('a', 5)).toBeUndefined()
    expect(book.of('b', 5)?.length).toBe(1)
    expect(book.of('c', 5)).toEqual([])
  })
})
