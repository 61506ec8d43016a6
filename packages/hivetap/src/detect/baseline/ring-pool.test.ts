import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RingPool } from './ring-pool.js'

it('each row keeps its newest numbers, whatever is made and freed beside it', () => {
  const step = fc.record({
    what: fc.constantFrom('create', 'push', 'push', 'push', 'replace', 'free'),
    on: fc.nat(1000),
    values: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 70 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), fc.integer({ min: 1, max: 64 }), (steps, most) => {
      const pool = new RingPool(most)
      const model = new Map<number, readonly number[]>()
      for (const { what, on, values } of steps) {
        const one = [...model.keys()][on % model.size]
        if (what === 'create' || one === undefined) {
          const handle = pool.create()
          expect(model.has(handle)).toBe(false)
          model.set(handle, [])
        } else if (what === 'push') {
          for (const value of values) pool.push(one, value)
          model.set(one, [...(model.get(one) ?? []), ...values].slice(-most))
          expect(pool.newest(one)).toBe(values.at(-1))
        } else if (what === 'replace') {
          pool.replace(one, Uint16Array.from(values))
          model.set(one, values.slice(-most))
        } else {
          pool.free(one)
          model.delete(one)
          expect(() => pool.push(one, 1)).toThrow(RangeError)
        }
      }
      expect(pool.size).toBe(model.size)
      const row = new Uint16Array(most)
      for (const [handle, values] of model) {
        expect(pool.lengthOf(handle)).toBe(values.length)
        expect([...row.subarray(0, pool.copy(handle, row))]).toEqual(values)
      }
    }),
    { numRuns: 300 },
  )
})
