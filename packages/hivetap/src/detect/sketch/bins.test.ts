import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binOf, LAST_BIN, valueOfBin } from './bins.js'

describe('bins', () => {
  it('stand for each value within 1 %', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: Math.log(1e12), noNaN: true }), (log) => {
        const value = Math.min(Math.max(Math.exp(log), 1), 1e12)
        expect(Math.abs(valueOfBin(binOf(value)) - value) / value).toBeLessThanOrEqual(0.01 + 1e-9)
      }),
      { numRuns: 1000 },
    )
    let worst = 0
    for (let value = 1; value <= 20_000; value++)
      worst = Math.max(worst, Math.abs(valueOfBin(binOf(value)) - value) / value)
    expect(worst).toBeLessThanOrEqual(0.01 + 1e-9)
  })

  it('begin where a logarithm says so', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: Math.log(1e12), noNaN: true }), (log) => {
        const exact = log / Math.log(1.01 / 0.99)
        fc.pre(Math.abs(exact - Math.round(exact)) > 1e-9)
        expect(binOf(Math.exp(log))).toBe(1 + Math.ceil(exact))
      }),
      { numRuns: 1000 },
    )
  })

  it('are in the order of their values', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (one, other) => {
        fc.pre(one < other)
        expect(binOf(one)).toBeLessThanOrEqual(binOf(other))
      }),
    )
    for (let bin = 1; bin <= LAST_BIN; bin++) {
      expect(valueOfBin(bin)).toBeGreaterThan(valueOfBin(bin - 1))
      expect(binOf(valueOfBin(bin))).toBe(bin)
    }
  })

  it.each([
    [0, 0],
    [-0, 0],
    [-1, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [Number.NaN, 0],
    [Number.MIN_VALUE, 1],
    [1, 1],
    [1e12, LAST_BIN],
    [1e300, LAST_BIN],
    [Number.POSITIVE_INFINITY, LAST_BIN],
  ])('have a place for %d', (value, bin) => {
    expect(binOf(value)).toBe(bin)
  })
})
