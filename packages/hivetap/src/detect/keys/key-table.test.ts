import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyTable } from './key-table.js'

const awkward = fc.constantFrom(
  '',
  '\0',
  '\0\0',
  '__proto__',
  'constructor',
  '0',
  '1',
  'é',
  'ÿ',
  'Ā',
  '\ud800',
  '💥',
)
const text = fc.oneof(
  awkward,
  fc.string({ maxLength: 6, unit: 'binary' }),
  fc.string({ minLength: 250, maxLength: 256 }),
)

describe('a table of keys', () => {
  it('is a map of keys to small numbers, whatever comes and goes', () => {
    const step = (dimensions: number) =>
      fc.record({
        what: fc.constantFrom('id', 'id', 'id', 'id', 'remove', 'evict'),
        values: fc.array(text, { minLength: dimensions, maxLength: dimensions }),
        number: fc.nat(1000),
      })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }).chain((dimensions) => fc.array(step(dimensions), { maxLength: 200 })),
        fc.integer({ min: 1, max: 60 }),
        (steps, maxKeys) => {
          const table = new KeyTable({ maxKeys })
          const model = new Map<string, number>()
          let refused = 0
          for (const { what, values, number } of steps) {
            const name = JSON.stringify(values)
            const [one] = [...model][number % model.size] ?? []
            if (what === 'id') {
              const room = model.size < maxKeys
              const id = table.id(values)
              if (!model.has(name) && !room) refused++
              expect(id).toBe(model.get(name) ?? (room ? id : -1))
              expect(id).toBeLessThan(maxKeys)
              if (id >= 0) model.set(name, id)
            } else if (what === 'remove' && one !== undefined) {
              table.remove(model.get(one) as number)
              model.delete(one)
            } else if (what === 'evict') {
              const free = table.evictRarest(number % 50, () => 1)
              expect(free.length).toBe(Math.max(0, model.size - (number % 50)))
              for (const [key, id] of model) if (free.includes(id)) model.delete(key)
            }
          }
          expect(table.size).toBe(model.size)
          expect(table.refused).toBe(refused)
          expect([...table.ids()]).toEqual([...model.values()].sort((a, b) => a - b))
          for (const [name, id] of model) {
            expect(JSON.stringify(table.valuesOf(id))).toBe(name)
            expect(table.id(JSON.parse(name))).toBe(id)
          }
          const texts = new Set([...model.keys()].flatMap((name) => JSON.parse(name) as string[]))
          expect(table.texts).toBe(texts.size)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('throws out the rarest, the same in whatever order they came', () => {
    const key = fc.tuple(text, fc.constantFrom('a', 'b', 'c'))
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(key, fc.nat(3)), {
          selector: ([values]) => JSON.stringify(values),
          maxLength: 60,
        }),
        fc.nat(60),
        fc.func(fc.nat()),
        (keys, keep, shuffle) => {
          const left = (order: typeof keys) => {
            const table = new KeyTable({ maxKeys: 100 })
            const weights = new Map(order.map(([values, weight]) => [table.id(values), weight]))
            const evicted = table.evictRarest(keep, (id) => weights.get(id) as number)
            expect(table.evicted).toBe(evicted.length)
            return [...table.ids()].map((id) => JSON.stringify(table.valuesOf(id))).sort()
          }
          const exact = [...keys].sort(([one, weight], [other, otherWeight]) =>
            weight !== otherWeight
              ? weight - otherWeight
              : one[0] !== other[0]
                ? one[0] < other[0]
                  ? -1
                  : 1
                : one[1] < other[1]
                  ? -1
                  : 1,
          )
          const kept = exact.slice(Math.max(0, keys.length - keep)).map(([values]) => JSON.stringify(values))
          expect(left(keys)).toEqual(kept.sort())
          const shuffled = [...keys].sort((one, other) => shuffle(one) - shuffle(other))
          expect(left(shuffled)).toEqual(kept)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('takes weights that are no numbers for nothing', () => {
    const table = new KeyTable({ maxKeys: 10 })
    const [often, never] = [table.id(['a']), table.id(['b'])]
    expect(table.evictRarest(1, (id) => (id === often ? 5 : Number.NaN))).toEqual([never])
    expect(table.evictRarest(-3, () => 1)).toEqual([often])
    expect(table.evictRarest(0, () => 1)).toEqual([])
  })

  it('keeps of a long text only what was cut out of it', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const table = new KeyTable({ maxKeys: 1000 })
    collect()
    const before = process.memoryUsage().heapUsed
    for (let line = 0; line < 100; line++) {
      const long = `${String(line).padStart(8, '0')}${'é'.repeat(1 << 20)}`
      table.id([long.slice(0, 40)])
    }
    collect()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30 << 20)
    expect(table.size).toBe(100)
  })

  it('refuses what is no key', () => {
    const table = new KeyTable({ maxKeys: 10 })
    const id = table.id(['a', 'b'])
    expect(() => table.id(['a'])).toThrow('a key of 1 texts among keys of 2')
    table.remove(id)
    for (const none of [id, -1, 0.5, 99, Number.NaN]) {
      expect(() => table.valuesOf(none)).toThrow(RangeError)
      expect(() => table.remove(none)).toThrow(RangeError)
    }
    expect(() => new KeyTable({ maxKeys: 0 })).toThrow(RangeError)
  })
})
