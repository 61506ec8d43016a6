import { valueOfBin } from '../sketch/bins.js'
import type { Usual } from './robust-threshold.js'

/** Makes the median of absolute deviations of normal values their standard deviation. */
const NORMAL = 1.4826

/** Median of bins' values and their scaled median absolute deviation, microseconds. @param bins one at least; they are sorted */
export function usualOf(bins: Uint16Array): Usual {
  bins.sort()
  const { length } = bins
  const middle = length >>> 1
  const upper = valueOfBin(bins[middle] as number)
  const medianUs = length % 2 === 1 ? upper : (valueOfBin(bins[middle - 1] as number) + upper) / 2
  return { medianUs, madUs: NORMAL * medianDeviation(bins, medianUs) }
}

/** Deviations grow to both sides of the median: they are met in their order by going outwards, always to the nearer side. */
function medianDeviation(sorted: Uint16Array, medianUs: number): number {
  const { length } = sorted
  let below = ((length + 1) >>> 1) - 1
  let above = below + 1
  let last = 0
  let before = 0
  for (let met = 0; met <= length >>> 1; met++) {
    const down = below < 0 ? Number.POSITIVE_INFINITY : medianUs - valueOfBin(sorted[below] as number)
    const up = above >= length ? Number.POSITIVE_INFINITY : valueOfBin(sorted[above] as number) - medianUs
    before = last
    last = Math.min(down, up)
    if (down <= up) below--
    else above++
  }
  return length % 2 === 1 ? last : (before + last) / 2
}
