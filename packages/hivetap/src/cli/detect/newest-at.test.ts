import { expect, test } from 'vitest'
import { NewestAt } from './newest-at.js'

test('how far events had been read is known for a minute', () => {
  const newest = new NewestAt()
  expect(newest.at(1000)).toBe(Number.NEGATIVE_INFINITY)
  newest.note(5, 1000)
  newest.note(6, 1050)
  newest.note(6, 1200)
  newest.note(6, 1300)
  newest.note(9, 2000)
  expect([999, 1000, 1199, 1200, 1999, 2000, 1e9].map((ms) => newest.at(ms))).toEqual([
    Number.NEGATIVE_INFINITY,
    5,
    5,
    6,
    6,
    9,
    9,
  ])
  for (let ms = 3000; ms < 200_000; ms += 100) newest.note(ms, ms)
  expect(newest.at(130_000)).toBe(Number.NEGATIVE_INFINITY)
  expect(newest.at(150_000)).toBe(150_000)
})
