import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LAST_BIN, valueOfBin } from '../sketch/bins.js'
import { usualOf } from './median.js'
import { robustThreshold } from './robust-threshold.js'

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length / 2
  const at = (index: number) => sorted[index] as number
  return sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2
}

it('median and deviation are those of a plain computation', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(LAST_BIN), fc.nat(5)), { minLength: 1, maxLength: 80 }), (bins) => {
      const values = bins.map(valueOfBin)
      const exact = median(values)
      const { medianUs, madUs } = usualOf(Uint16Array.from(bins))
      expect(medianUs).toBe(exact)
      expect(madUs).toBe(1.4826 * median(values.map((value) => Math.abs(value - exact))))
    }),
    { numRuns: 2000 },
  )
})

it.each([
  ['the deviation', { medianUs: 10_000, madUs: 5000 }, 40_000],
  ['the factor', { medianUs: 10_000, madUs: 10 }, 20_000],
  ['the floor', { medianUs: 300, madUs: 10 }, 5300],
])('the threshold is the greatest of three: %s', (_, usual, threshold) => {
  expect(robustThreshold(usual)).toBe(threshold)
  expect(robustThreshold(usual, { mads: 0, factor: 1, floorUs: 1 })).toBe(usual.medianUs + 1)
})
