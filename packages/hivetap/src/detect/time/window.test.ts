import fc from 'fast-check'
import { expect, it } from 'vitest'
import { windowStart } from './window.js'

it('a window starts at a whole number of windows, and holds its times to the microsecond', () => {
  const far = (Number.MAX_SAFE_INTEGER - 1) / 2
  fc.assert(
    fc.property(
      fc.integer({ min: -far, max: far }),
      fc.integer({ min: 1, max: 7 * 86_400e6 }),
      (timeUs, windowUs) => {
        const rest = BigInt(timeUs) % BigInt(windowUs)
        const exact = BigInt(timeUs) - rest - (rest < 0n ? BigInt(windowUs) : 0n)
        expect(BigInt(windowStart(timeUs, windowUs))).toBe(exact)
        const start = windowStart(timeUs, windowUs)
        expect(windowStart(start, windowUs)).toBe(start)
        expect(windowStart(start - 1, windowUs)).toBe(start - windowUs)
        expect(windowStart(start + windowUs - 1, windowUs)).toBe(start)
      },
    ),
    { numRuns: 2000 },
  )
})
