import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnOf } from './column.js'
import { durationUs } from './duration.js'
import { numberAtEnd } from './latency-at-end.js'

describe('durationUs', () => {
  it('takes the unit of the column, or its own', () => {
    expect(durationUs('1.65', 1000)).toBe(1650)
    expect(durationUs('250', 1)).toBe(250)
    expect(durationUs('12.3µs', 1000)).toBe(12)
    expect(durationUs('1.5s', undefined)).toBe(1_500_000)
    expect(durationUs('1500ns', 1000)).toBe(2)
  })

  it.each(['', '-1', '1e3', 'NaN', '1.', '.5', '1,5', '9'.repeat(40), '999999999999999', '0x10'])(
    'does not take %j',
    (text) => {
      expect(durationUs(text, 1_000_000)).toBeUndefined()
    },
  )

  it('does not guess a unit', () => {
    expect(durationUs('12', undefined)).toBeUndefined()
  })
})

describe('columnOf', () => {
  it.each([
    ['LAT(ms)', 1000],
    ['LATms', 1000],
    ['LAT_US', 1],
    ['LATENCY(us)', 1],
    ['DELTA(us)', 1],
    ['DELTA(µs)', 1],
    ['MS', 1000],
    ['US', 1],
    ['LAT(ns)', 0.001],
    ['DURATION(s)', 1_000_000],
    ['LAT', undefined],
  ])('knows the unit of %s', (name, unitUs) => {
    expect(columnOf(name, 0)).toMatchObject({ kind: 'latency', unitUs })
  })

  it.each(['SRTT(ms)', 'RTT', 'AGE(ms)', 'TX_MS', 'MSG'])('does not take %s for a latency', (name) => {
    expect(columnOf(name, 0).kind).not.toBe('latency')
  })
})

describe('numberAtEnd', () => {
  const at = (line: string) => numberAtEnd(Buffer.from(`#${line}#`), 1, line.length + 1)

  it('reads the number that a row ends with, as reading the whole row does', () => {
    const number = fc
      .tuple(fc.nat(999_999), fc.stringMatching(/^(\.\d{1,4})?$/))
      .map(([whole, rest]) => `${whole}${rest}`)
    fc.assert(
      fc.property(number, fc.constantFrom('', ' ', '\r', '  \r'), (number, end) => {
        const us = durationUs(number, 1000)
        expect(Math.round(at(`12 curl 443   ${number}${end}`) * 1000)).toBe(us)
      }),
    )
  })

  it.each([
    '',
    '12',
    '12 curl',
    '12 3.4.5',
    '12 .5',
    '12 5.',
    'curl 12',
    '1 -2',
    '1 1234567890123456',
    '1 2 refused',
    '1:2',
  ])('leaves %j to who reads the whole row', (line) => {
    expect(at(line)).toBe(-1)
  })
})
