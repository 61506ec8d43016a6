import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DetectStateError } from '../state/state-error.js'
import { SketchPool } from './sketch-pool.js'

/** From 1 µs to 10^12 µs, as many of each magnitude; some nothing. */
const value = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0, max: Math.log(1e12), noNaN: true }).map(Math.exp) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 1, 1e12) },
)
const weighted = fc.tuple(value, fc.integer({ min: 1, max: 1000 }))

type Weighted = readonly (readonly [number, number])[]

function sketchOf(pool: SketchPool, values: Weighted): number {
  const sketch = pool.create()
  for (const [valueUs, weight] of values) pool.add(sketch, valueUs, weight)
  return sketch
}

/** The smallest value that with those below it makes up a share `q` at least. */
function exactQuantile(values: Weighted, q: number): number {
  const sorted = [...values].sort(([one], [other]) => one - other)
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0)
  let seen = 0
  for (const [valueUs, weight] of sorted) {
    seen += weight
    if (seen >= q * total - 1e-9) return valueUs
  }
  return Number.NaN
}

describe('a sketch', () => {
  it('tells quantiles within 1 % of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(weighted, { minLength: 1, maxLength: 400 }),
        fc.constantFrom(0, 0.01, 0.07, 0.25, 0.5, 0.9, 0.95, 0.99, 1),
        (values, q) => {
          const pool = new SketchPool()
          const exact = exactQuantile(values, q)
          const told = pool.quantile(sketchOf(pool, values), q)
          expect(Math.abs(told - Math.max(exact, 0))).toBeLessThanOrEqual(Math.max(exact, 0) * (0.01 + 1e-9))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('merged of any parts in any order is one of all values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(weighted, fc.nat(4)), { maxLength: 300 }),
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        fc.constantFrom(8, 16, 50, 512),
        (values, order, maxBins) => {
          const pool = new SketchPool({ maxBins })
          const whole = sketchOf(
            pool,
            values.map(([one]) => one),
          )
          const merged = pool.create()
          for (const part of order) {
            const sketch = sketchOf(
              pool,
              values.filter(([, of]) => of === part).map(([one]) => one),
            )
            pool.merge(merged, sketch)
            pool.free(sketch)
          }
          expect(pool.encode(merged)).toEqual(pool.encode(whole))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('merged with itself counts twice', () => {
    const pool = new SketchPool()
    const few = sketchOf(pool, [[10, 2]])
    const many = sketchOf(
      pool,
      Array.from({ length: 100 }, (_, index) => [1.1 ** index, 1]),
    )
    for (const sketch of [few, many]) {
      const [count, median] = [pool.count(sketch), pool.quantile(sketch, 0.5)]
      pool.merge(sketch, sketch)
      expect([pool.count(sketch), pool.quantile(sketch, 0.5)]).toEqual([2 * count, median])
    }
  })

  it('survives as bytes', () => {
    fc.assert(
      fc.property(fc.array(weighted, { maxLength: 200 }), (values) => {
        const pool = new SketchPool()
        const bytes = pool.encode(sketchOf(pool, values))
        const other = new SketchPool()
        expect(other.encode(other.decode(bytes))).toEqual(bytes)
      }),
      { numRuns: 100 },
    )
  })

  it('counts the values above another', () => {
    const pool = new SketchPool()
    const sketch = sketchOf(pool, [
      [100, 1],
      [1000, 2],
      [10_000, 4],
    ])
    expect([50, 100, 500, 1000, 9000, 10_000, 20_000].map((value) => pool.countAbove(sketch, value))).toEqual(
      [7, 6, 6, 4, 4, 0, 0],
    )
    expect(pool.countAbove(pool.create(), 0)).toBe(0)
  })

  it('of a pool with more bins is taken up with fewer', () => {
    const values = Array.from({ length: 300 }, (_, index) => [1.05 ** index, index + 1] as const)
    const wide = new SketchPool()
    const narrow = new SketchPool({ maxBins: 16 })
    const taken = narrow.decode(wide.encode(sketchOf(wide, values)))
    expect(narrow.encode(taken)).toEqual(narrow.encode(sketchOf(narrow, values)))
    expect(narrow.collapsed).toBeGreaterThan(0)
  })

  it('keeps the greatest values exact where it has too few bins', () => {
    const pool = new SketchPool({ maxBins: 8 })
    const values = Array.from({ length: 100 }, (_, index) => [1.1 ** (index + 1), 1] as const)
    const sketch = sketchOf(pool, values)
    expect(pool.count(sketch)).toBe(100)
    expect(pool.collapsed).toBe(92)
    expect(pool.quantile(sketch, 0.99) / exactQuantile(values, 0.99)).toBeCloseTo(1, 1.9)
  })

  it('is refused if its bytes are damaged: nothing else is thrown, nothing is left in the pool', () => {
    const pool = new SketchPool()
    const good = pool.encode(
      sketchOf(
        pool,
        Array.from({ length: 20 }, (_, index) => [2 ** index, 1000]),
      ),
    )
    const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = good.slice()
      bytes[at] = byte
      return bytes
    })
    const cut = fc.nat(good.length - 1).map((length) => good.subarray(0, length))
    const before = pool.size
    fc.assert(
      fc.property(fc.oneof(damaged, cut, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          const sketch = pool.decode(bytes)
          expect(pool.encode(sketch)).toEqual(bytes)
          pool.free(sketch)
        } catch (error) {
          expect(error).toBeInstanceOf(DetectStateError)
        }
        expect(pool.size).toBe(before)
      }),
      { numRuns: 1000 },
    )
  })

  it('counts what it cannot count', () => {
    const pool = new SketchPool()
    const sketch = sketchOf(pool, [
      [5, 2 ** 32],
      [5, 1],
      [7, Number.NaN],
      [7, 0.5],
      [7, 2.9],
    ])
    expect(pool.count(sketch)).toBe(2 ** 32 - 1 + 4)
    expect(pool.saturated).toBe(1)
  })

  it('is empty at first', () => {
    const pool = new SketchPool()
    expect(pool.quantile(pool.create(), 0.5)).toBeNaN()
    expect(pool.count(pool.create())).toBe(0)
    expect(pool.encode(pool.create())).toEqual(Uint8Array.of(1, 0))
  })

  it('that is none is refused', () => {
    const pool = new SketchPool()
    const sketch = pool.create()
    pool.free(sketch)
    for (const handle of [sketch, -1, 7, 0.5, Number.NaN]) {
      expect(() => pool.add(handle, 1, 1)).toThrow(RangeError)
      expect(() => pool.free(handle)).toThrow('it is not in use')
      expect(() => pool.merge(handle, handle)).toThrow(RangeError)
      expect(() => pool.quantile(handle, 0.5)).toThrow(RangeError)
    }
    expect(() => new SketchPool({ maxBins: 4 })).toThrow(RangeError)
  })
})

/** Merging doubles: it ends somewhere. */
const MOST_VALUES = 3000

describe('a pool of sketches', () => {
  it('never mixes them up, whatever is made, merged and freed', () => {
    const step = fc.record({
      what: fc.constantFrom('create', 'add', 'add', 'add', 'many', 'merge', 'free', 'saved'),
      on: fc.nat(1000),
      with: fc.nat(1000),
      values: fc.array(weighted, { minLength: 1, maxLength: 60 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const pool = new SketchPool({ maxBins: 64 })
        const model = new Map<number, Weighted>()
        for (const { what, on, with: other, values } of steps) {
          const live = [...model.keys()]
          const one = live[on % live.length]
          const two = live[other % live.length]
          if (what === 'create' || one === undefined || two === undefined) {
            const handle = pool.create()
            expect(model.has(handle)).toBe(false)
            model.set(handle, [])
          } else if (what === 'add' || what === 'many') {
            const added = what === 'many' ? values : values.slice(0, 1)
            for (const [valueUs, weight] of added) pool.add(one, valueUs, weight)
            model.set(one, [...(model.get(one) ?? []), ...added])
          } else if (what === 'merge') {
            const both = [...(model.get(one) ?? []), ...(model.get(two) ?? [])]
            if (both.length > MOST_VALUES) continue
            pool.merge(one, two)
            model.set(one, both)
          } else if (what === 'free') {
            pool.free(one)
            model.delete(one)
          } else {
            const taken = pool.decode(pool.encode(one))
            expect(model.has(taken)).toBe(false)
            model.set(taken, model.get(one) ?? [])
          }
        }
        for (const [handle, values] of model) {
          const alone = new SketchPool({ maxBins: 64 })
          expect(pool.encode(handle)).toEqual(alone.encode(sketchOf(alone, values)))
        }
      }),
      { numRuns: 150 },
    )
  })

  it('takes no more memory for sketches that come and go', () => {
    const pool = new SketchPool()
    const round = () => {
      const sketches = Array.from({ length: 1500 }, (_, index) =>
        sketchOf(
          pool,
          Array.from({ length: 1 + (index % 40) }, (__, power) => [1.5 ** power, 1]),
        ),
      )
      for (const sketch of sketches) pool.free(sketch)
    }
    round()
    const { bytes } = pool
    for (let times = 0; times < 5; times++) round()
    expect(pool.bytes).toBe(bytes)
    expect(pool.size).toBe(0)
  })

  it('takes 32 bytes for a sketch of up to four values', () => {
    const pool = new SketchPool()
    const { bytes } = pool
    for (let made = 0; made < 2 ** 17; made++)
      sketchOf(pool, [
        [100, 1],
        [200, 1],
        [300, 1],
        [400, 1],
      ])
    expect((pool.bytes - bytes) / 2 ** 17).toBeLessThanOrEqual(32)
    expect(pool.quantile(2 ** 17 - 1, 1)).toBe(pool.quantile(0, 1))
  })
})
