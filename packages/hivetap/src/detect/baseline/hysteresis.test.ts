import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Hysteresis } from './hysteresis.js'
import type { Verdict } from './verdict.js'

it('an alert opens and resolves after so many windows in a row, by turns, whatever was unknown', () => {
  const verdict = fc.constantFrom<Verdict>('bad', 'calm', 'unknown')
  const options = fc.record({
    openAfter: fc.integer({ min: 1, max: 5 }),
    resolveAfter: fc.integer({ min: 1, max: 5 }),
  })
  fc.assert(
    fc.property(fc.array(verdict, { maxLength: 80 }), options, (verdicts, after) => {
      let state = 0
      let open = false
      let row: Verdict[] = []
      for (const verdict of verdicts) {
        const step = Hysteresis.next(state, verdict, after)
        state = step.state
        if (verdict !== 'unknown') row = row[0] === verdict ? [...row, verdict] : [verdict]
        const turns = open
          ? row[0] === 'calm' && row.length >= after.resolveAfter
          : row[0] === 'bad' && row.length >= after.openAfter
        expect(step.change).toBe(turns && verdict !== 'unknown' ? (open ? 'resolve' : 'open') : undefined)
        if (turns) open = !open
        expect(Hysteresis.isOpen(state)).toBe(open)
        expect(Hysteresis.badWindows(state)).toBe(row[0] === 'bad' ? row.length : 0)
        expect(Hysteresis.calmWindows(state)).toBe(row[0] === 'calm' ? row.length : 0)
      }
    }),
    { numRuns: 500 },
  )
})

it('what is known of a key stays a small number', () => {
  let state = 0
  for (let window = 0; window < 3000; window++)
    ({ state } = Hysteresis.next(state, 'bad', { openAfter: 1023, resolveAfter: 1 }))
  expect(Hysteresis.isOpen(state)).toBe(true)
  expect(Hysteresis.badWindows(state)).toBe(1023)
  expect(state).toBeLessThan(2 ** 21)
})
