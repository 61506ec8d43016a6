import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdSlots } from './id-slots.js'

describe('slots of ids', () => {
  it('find what is in, and nothing else, where hashes fall together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 100, maxLength: 100 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(99)), { maxLength: 400 }),
        (hashes, steps) => {
          const hashOf = (id: number) => hashes[id] as number
          const slots = new IdSlots(hashOf)
          const has = (id: number) => {
            for (let slot = slots.first(hashOf(id)); slots.at(slot) >= 0; slot = slots.next(slot))
              if (slots.at(slot) === id) return true
            return false
          }
          const model = new Set<number>()
          for (const [put, id] of steps) {
            if (!put) slots.remove(id)
            else if (!model.has(id)) slots.put(id, hashOf(id))
            if (put) model.add(id)
            else model.delete(id)
          }
          expect(hashes.flatMap((_, id) => (has(id) ? [id] : []))).toEqual([...model].sort((a, b) => a - b))
        },
      ),
      { numRuns: 200 },
    )
  })
})
