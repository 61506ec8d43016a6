import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReadBudget } from './read-budget.js'

describe('ReadBudget', () => {
  it('lets so many through a second, and counts those that it turns away', () => {
    const budget = new ReadBudget(10)
    const taken = (from: number) =>
      Array.from({ length: 25 }, (_, index) => budget.take(from + index)).filter(Boolean)
    expect(taken(0)).toHaveLength(10)
    expect(budget.refused).toBe(15)
    expect(taken(1e9)).toHaveLength(10)
    expect(taken(1.5e9)).toHaveLength(5)
    expect(taken(100e9)).toHaveLength(10)
  })

  it('never lets more through than time has passed for, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 300 }), (steps) => {
        const budget = new ReadBudget(5)
        let at = 10e9
        const first = at + (steps[0] ?? 0)
        let latest = first
        let taken = 0
        for (const step of steps) {
          at += step
          latest = Math.max(latest, at)
          if (budget.take(at)) taken++
        }
        expect(taken).toBeLessThanOrEqual(5 + ((latest - first) / 1e9) * 5 + 1e-6)
        expect(taken + budget.refused).toBe(steps.length)
      }),
    )
  })
})
