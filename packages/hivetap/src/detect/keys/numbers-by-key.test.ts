import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NumbersByKey } from './numbers-by-key.js'

it('are what was set last, and 0 before, as a map has them', () => {
  const key = fc.oneof(fc.nat(100), fc.nat(20_000), fc.nat(200_000), fc.constantFrom(63, 64, 16_383, 16_384))
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat(5)), { maxLength: 200 }), (list) => {
      const numbers = new NumbersByKey(Float64Array)
      const map = new Map<number, number>()
      for (const [at, value] of list) {
        numbers.set(at, value)
        map.set(at, value)
      }
      numbers.divide(2)
      for (const [at] of list)
        for (const near of [at - 1, at, at + 1].filter((one) => one >= 0))
          expect(numbers.get(near)).toBe((map.get(near) ?? 0) / 2)
    }),
  )
})
