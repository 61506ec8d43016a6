import { afterEach, describe, expect, it } from 'vitest'
import { RowClock } from './row-clock.js'

const zone = process.env['TZ']
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

const at = (iso: string) => Date.parse(iso) * 1000
const iso = (us: number | undefined) => (us === undefined ? us : new Date(us / 1000).toISOString())

function clock(start: string) {
  const now = { us: at(start) }
  const rows = new RowClock(() => now.us)
  return { now, rows, read: (text: string, unitUs = 1e6) => iso(rows.timeUs(text, unitUs)) }
}

describe('RowClock', () => {
  it('takes the time of arrival for a row without a time', () => {
    expect(clock('2026-11-28T12:00:00Z').read('')).toBe('2026-11-28T12:00:00.000Z')
  })

  it('counts seconds from the first row on, and anew behind a header', () => {
    const { now, rows, read } = clock('2026-11-28T12:00:00Z')
    expect(read('5.000')).toBe('2026-11-28T12:00:00.000Z')
    now.us += 60e6
    expect(read('6.250')).toBe('2026-11-28T12:00:01.250Z')
    rows.restart()
    expect(read('0.000')).toBe('2026-11-28T12:01:00.000Z')
    expect(read('1500', 1000)).toBe('2026-11-28T12:01:01.500Z')
  })

  it('takes seconds since 1970 for what they are', () => {
    expect(clock('2026-11-28T12:00:00Z').read('1764330000.5')).toBe('2025-11-28T11:40:00.500Z')
  })

  it('takes the latest such time of day, and goes on from there over midnight', () => {
    process.env['TZ'] = 'UTC'
    const { read } = clock('2026-11-28T12:00:00Z')
    expect(read('22:59:59')).toBe('2026-11-27T22:59:59.000Z')
    expect(read('23:59:59.25')).toBe('2026-11-27T23:59:59.250Z')
    expect(read('00:00:01')).toBe('2026-11-28T00:00:01.000Z')
    // Not in order.
    expect(read('23:59:58')).toBe('2026-11-27T23:59:58.000Z')
    expect(read('13:00:00')).toBe('2026-11-28T13:00:00.000Z')
    expect(read('12:30:00')).toBe('2026-11-28T12:30:00.000Z')
    expect(read('11:00:00')).toBe('2026-11-29T11:00:00.000Z')
  })

  it('follows a live table over more than a day of silence, and one that comes late', () => {
    process.env['TZ'] = 'UTC'
    const { now, read } = clock('2026-11-28T08:00:00Z')
    expect(read('08:00:00')).toBe('2026-11-28T08:00:00.000Z')
    now.us = at('2026-11-28T22:00:00Z')
    expect(read('22:00:00')).toBe('2026-11-28T22:00:00.000Z')
    now.us = at('2026-11-30T10:00:00Z')
    expect(read('10:00:00')).toBe('2026-11-30T10:00:00.000Z')
    now.us = at('2026-11-30T14:00:00Z')
    expect(read('10:00:05')).toBe('2026-11-30T10:00:05.000Z')
  })

  it('takes a time of day for the local one', () => {
    process.env['TZ'] = 'America/New_York'
    const { read } = clock('2026-07-01T12:00:00Z')
    expect(read('08:00:00')).toBe('2026-07-01T12:00:00.000Z')
    expect(read('2026/07/01 07:00:00')).toBe('2026-07-01T11:00:00.000Z')
    expect(read('2026-07-01T07:00:00.5Z')).toBe('2026-07-01T07:00:00.500Z')
  })

  it.each(['24:00:00', '12:60:00', 'noon', '-5', '1e5', '2026-13-45T00:00:00Z', '9999999999999999999'])(
    'says that %j is no time',
    (text) => {
      expect(clock('2026-11-28T12:00:00Z').read(text)).toBeUndefined()
    },
  )
})
