import { UNITS_US } from './column.js'

const DURATION = /^(\d{1,15}(?:\.\d{1,12})?)(ns|us|µs|μs|ms|s)?$/
/** Longer than any kernel runs: 30 years. */
const MOST_US = 1e15

/**
 * Microseconds of a duration: `12.34` in the unit of its column, `12.34ms` in its own.
 *
 * @returns `undefined` if it is none, or nothing says its unit
 */
export function durationUs(text: string, unitUs: number | undefined): number | undefined {
  const [, number, suffix] = DURATION.exec(text) ?? []
  const unit = suffix === undefined ? unitUs : UNITS_US[suffix.replace(/[µμ]/, 'u').toUpperCase()]
  if (number === undefined || unit === undefined) return undefined
  const us = Math.round(Number(number) * unit)
  return us <= MOST_US ? us : undefined
}
