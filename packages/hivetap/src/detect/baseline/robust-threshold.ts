/** What is usual: the middle of past windows, and how far they are from it. Microseconds. */
export interface Usual {
  readonly medianUs: number
  /** Median of the absolute deviations from the median, times 1.4826: so it is as a standard deviation of normal values. */
  readonly madUs: number
}

export interface RobustOptions {
  /** How many deviations more than usual are too many. Default 6. */
  readonly mads?: number
  /** How many times as much as usual is too much. Default 2. */
  readonly factor?: number
  /** So much more than usual it must be at least: microseconds. Default 5,000. */
  readonly floorUs?: number
}

/** What is too much, as far as past windows tell: the greatest that any of the three says. Microseconds. */
export function robustThreshold(
  { medianUs, madUs }: Usual,
  { mads = 6, factor = 2, floorUs = 5000 }: RobustOptions = {},
): number {
  return Math.max(medianUs + mads * madUs, medianUs * factor, medianUs + floorUs)
}
