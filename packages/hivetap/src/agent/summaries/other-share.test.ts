import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OtherShare } from './other-share.js'

const MINUTE = 60_000_000

function countAll(share: OtherShare, events: number, other: number): void {
  for (let at = 0; at < events; at++) share.count(at < other)
}

it('is none where nothing was counted', () => {
  expect(new OtherShare().counts).toEqual({ events: 0, other: 0, recentShare: 0 })
})

it('counts all, and of each window half as much as of the next', () => {
  const share = new OtherShare()
  share.open(0)
  countAll(share, 100, 100)
  share.open(MINUTE)
  countAll(share, 100, 20)
  // 50 of 50 of the window before, and 20 of 100.
  expect(share.counts).toEqual({ events: 200, other: 120, recentShare: 70 / 150 })
})

it('is not halved by another tool’s window of the same time, nor by one that is opened late', () => {
  const share = new OtherShare()
  share.open(MINUTE)
  countAll(share, 10, 5)
  share.open(MINUTE)
  share.open(0)
  countAll(share, 10, 0)
  expect(share.counts).toEqual({ events: 20, other: 5, recentShare: 0.25 })
})

it('forgets in some windows what was, and always lies between 0 and 1', () => {
  const windows = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 20 })
  fc.assert(
    fc.property(windows, (all) => {
      const share = new OtherShare()
      for (const [at, [more, other]] of all.entries()) {
        share.open(at * MINUTE)
        countAll(share, other + more, other)
        expect(share.counts.recentShare).toBeGreaterThanOrEqual(0)
        expect(share.counts.recentShare).toBeLessThanOrEqual(1)
      }
      expect(share.counts.other).toBe(all.reduce((sum, [, other]) => sum + other, 0))
      for (let at = 0; at < 10; at++) {
        share.open((all.length + at) * MINUTE)
        countAll(share, 100, 0)
      }
      // 1000 events of before count for one each: less than a hundredth of these.
      expect(share.counts.recentShare).toBeLessThan(0.01)
    }),
  )
})
