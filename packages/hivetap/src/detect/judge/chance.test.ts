import { describe, expect, it } from 'vitest'
import { chanceOf } from './chance.js'

describe('chanceOf', () => {
  it('is the tail of the binomial distribution', () => {
    // By hand: 1 - 0.95^20 - 20 · 0.05 · 0.95^19, and 0.5^10.
    expect(chanceOf(2, 20, 0.05)).toBeCloseTo(1 - 0.95 ** 20 - 20 * 0.05 * 0.95 ** 19, 6)
    expect(chanceOf(10, 10, 0.5)).toBeCloseTo(0.5 ** 10, 8)
    expect(chanceOf(8, 20, 0.05)).toBeLessThan(1e-5)
    expect(chanceOf(8, 20, 0.05)).toBeGreaterThan(1e-7)
  })

  it('is 1 for what is to be expected, and 0 for what cannot be', () => {
    expect(chanceOf(0, 20, 0.05)).toBe(1)
    expect(chanceOf(1, 20, 0.05)).toBe(1)
    expect(chanceOf(21, 20, 0.05)).toBe(0)
    expect(chanceOf(3, 20, 0)).toBe(0)
  })

  it('stays a number for as many as there may be', () => {
    expect(chanceOf(60_000, 1_000_000, 0.05)).toBeLessThan(1e-100)
    expect(chanceOf(50_001, 1_000_000, 0.05)).toBeGreaterThan(0.4)
  })
})
