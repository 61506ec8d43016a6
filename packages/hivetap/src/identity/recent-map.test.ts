import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentMap } from './recent-map.js'

describe('RecentMap', () => {
  it('holds what a Map does as long as there is room', () => {
    const map = new RecentMap<string, number>(4)
    map.set('a', 1)
    map.set('b', 2)
    map.set('a', 3)
    map.delete('b')
    expect([map.get('a'), map.get('b'), map.size, map.evicted]).toEqual([3, undefined, 1, 0])
  })

  it('keeps what is asked for, however much else comes and goes', () => {
    const map = new RecentMap<number, string>(8)
    map.set(-1, 'kept')
    for (let key = 0; key < 1000; key++) {
      map.set(key, 'passing')
      if (key % 3 === 0) expect(map.get(-1)).toBe('kept')
    }
    expect(map.get(0)).toBeUndefined()
  })

  it('never holds more than it may, answers as a Map would or not at all, and counts each that it drops', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('get', 'set', 'delete'), fc.nat(12)), { maxLength: 200 })
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), steps, (limit, all) => {
        const map = new RecentMap<number, number>(limit)
        const model = new Map<number, number>()
        for (const [index, [step, key]] of all.entries()) {
          const before = map.size
          if (step === 'get') expect([undefined, model.get(key)]).toContain(map.get(key))
          if (step === 'set') {
            map.set(key, index)
            model.set(key, index)
            expect(map.get(key)).toBe(index)
          }
          if (step === 'delete') {
            map.delete(key)
            model.delete(key)
            expect(map.get(key)).toBeUndefined()
            expect(map.size).toBeGreaterThanOrEqual(before - 1)
          }
          expect(map.size).toBeLessThanOrEqual(limit)
        }
        const missing = [...model.keys()].filter((key) => map.get(key) === undefined)
        expect(missing.length).toBeLessThanOrEqual(map.evicted)
      }),
    )
  })
})
