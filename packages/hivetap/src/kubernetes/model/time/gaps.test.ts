import { expect, it } from 'vitest'
import { Gaps } from './gaps.js'

it('a time is in a gap from when the watch was last heard until a list came', () => {
  const gaps = new Gaps()
  gaps.add({ since: Number.NEGATIVE_INFINITY, at: 10 })
  gaps.add({ since: 20, at: 30 })
  expect([-1e9, 9, 10, 19, 20, 29, 30].filter((time) => gaps.has(time))).toEqual([-1e9, 9, 20, 29])
})

it('of very many gaps the oldest are one, and no time that was in one is out of it', () => {
  const gaps = new Gaps()
  for (let each = 0; each < 200; each++) gaps.add({ since: each * 10, at: each * 10 + 5 })
  for (let each = 0; each < 200; each++) expect(gaps.has(each * 10 + 4)).toBe(true)
  expect(gaps.has(7)).toBe(true)
  expect(gaps.has(1987)).toBe(false)
  expect(gaps.has(-1)).toBe(false)
})
