const ZERO = 48
const DAY_S = 86_400

/** `2026-11-28T04:55:37.123456789Z`: what hivetap writes. */
export const TIME_LENGTH = 30

/**
 * Reads such a time, as it stands in bytes.
 *
 * @returns milliseconds since 1970; `undefined` if another form stands there, which `Date.parse` may know
 */
export function readTime(bytes: Uint8Array, at: number): number | undefined {
  const us = readTimeUs(bytes, at)
  return us === undefined ? undefined : Math.floor(us / 1000)
}

/** The same in microseconds: a number holds them exactly until the year 2255. */
export function readTimeUs(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at + 4] !== 0x2d || bytes[at + 7] !== 0x2d || bytes[at + 10] !== 0x54) return undefined
  if (
    bytes[at + 13] !== 0x3a ||
    bytes[at + 16] !== 0x3a ||
    bytes[at + 19] !== 0x2e ||
    bytes[at + 29] !== 0x5a
  )
    return undefined
  const year = digits(bytes, at, 4)
  const month = digits(bytes, at + 5, 2)
  const day = digits(bytes, at + 8, 2)
  const hour = digits(bytes, at + 11, 2)
  const minute = digits(bytes, at + 14, 2)
  const second = digits(bytes, at + 17, 2)
  const microsecond = digits(bytes, at + 20, 6)
  const rest = digits(bytes, at + 26, 3)
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60))
    return undefined
  if (!(year >= 0 && microsecond >= 0 && rest >= 0)) return undefined
  const seconds = (hour * 60 + minute) * 60 + second
  return (daysBefore(year, month, day) * DAY_S + seconds) * 1e6 + microsecond
}

/** The number that so many digits make; NaN if one is none. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index++) {
    const digit = (bytes[index] ?? 0) - ZERO
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

let lastDate = -1
let lastDays = 0

/** Days from 1970 to a date. It is nearly always the date of the record before. */
function daysBefore(year: number, month: number, day: number): number {
  const date = (year * 16 + month) * 32 + day
  if (date !== lastDate) {
    lastDays = Math.floor(Date.UTC(year, month - 1, day) / (DAY_S * 1000))
    lastDate = date
  }
  return lastDays
}
