import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryBound } from './memory-bound.js'
import type { Range } from './range.js'
import { clip, sizeOf, subtract } from './range.js'
import { RangeSet } from './range-set.js'
import { SequenceSet } from './sequence-set.js'

const GIB = 2 ** 30

/** The ranges of a set of numbers, the slow way. */
function rangesOf(numbers: Iterable<number>): Range[] {
  const ranges: Range[] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const open = ranges.at(-1)
    if (open !== undefined && open.last === number - 1)
      ranges[ranges.length - 1] = { first: open.first, last: number }
    else ranges.push({ first: number, last: number })
  }
  return ranges
}

/** Near the borders of chunks, where mistakes are; now and then far out. */
const sequence = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 65_400, max: 65_700 }),
  fc.integer({ min: 131_000, max: 131_200 }),
  fc.integer({ min: 2 ** 33 - 40, max: 2 ** 33 + 40 }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER - 2),
)

describe('SequenceSet', () => {
  it('holds what a Set holds', () => {
    fc.assert(
      fc.property(fc.array(sequence, { maxLength: 400 }), sequence, (sequences, limit) => {
        const set = new SequenceSet(new MemoryBound(GIB))
        const model = new Set<number>()
        const expected = sequences.map((value) => {
          const is = model.has(value) ? 'known' : 'added'
          model.add(value)
          return is
        })
        expect(sequences.map((value) => set.add(value))).toEqual(expected)
        expect([...set.ranges()]).toEqual(rangesOf(model))
        expect(set.count).toBe(model.size)
        expect(set.countBelow(limit)).toBe([...model].filter((value) => value < limit).length)
        expect(set.has(limit)).toBe(model.has(limit))
        expect(set.greatest).toBe(Math.max(-1, ...model))
      }),
    )
  })

  it('takes every third first, then the others, and needs nothing once all are there', () => {
    const bound = new MemoryBound(GIB)
    const set = new SequenceSet(bound)
    const all = 200_000
    const used: number[] = []
    let added = 0
    for (const rest of [0, 2, 1]) {
      for (let value = rest; value < all; value += 3) if (set.add(value) === 'added') added++
      used.push(bound.used)
    }
    expect(added).toBe(all)
    expect([...set.ranges()]).toEqual([{ first: 0, last: all - 1 }])
    // A bit a sequence, and what the chunks themselves take.
    expect(used[0]).toBeLessThan(all / 8 + 4 * 8500)
    // The last chunk is not full.
    expect(used[2]).toBeLessThan(10_000)
  })

  it('refuses what there is no room for, and goes on with what it knows', () => {
    const bound = new MemoryBound(100_000)
    const set = new SequenceSet(bound)
    let refused = 0
    for (let index = 0; index < 10_000; index++) if (set.add(index * 1_000_000) === 'refused') refused++
    expect(refused).toBeGreaterThan(5000)
    expect(set.count).toBe(10_000 - refused)
    expect(bound.used).toBeLessThanOrEqual(100_000)
    expect(set.add(0)).toBe('known')
  })
})

const range = fc
  .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 20 }))
  .map(([first, length]) => ({ first, last: first + length }))
const numbersOf = (ranges: readonly Range[]) =>
  new Set(
    ranges.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    ),
  )

describe('RangeSet', () => {
  it('holds what a Set holds', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), (ranges) => {
        const bound = new MemoryBound(GIB)
        const set = new RangeSet(bound)
        for (const { first, last } of ranges) expect(set.add(first, last)).toBe(true)
        const expected = rangesOf(numbersOf(ranges))
        expect([...set]).toEqual(expected)
        expect(set.greatest).toBe(expected.at(-1)?.last ?? -1)
        expect(bound.used).toBe(expected.length * 16)
      }),
    )
  })

  it('holds a range of any length', () => {
    const set = new RangeSet(new MemoryBound(64))
    expect(set.add(3, Number.MAX_SAFE_INTEGER - 1)).toBe(true)
    expect(set.add(0, 0)).toBe(true)
    expect(set.add(1, 2)).toBe(true)
    expect([...set]).toEqual([{ first: 0, last: Number.MAX_SAFE_INTEGER - 1 }])
  })

  it('refuses ranges without end', () => {
    const set = new RangeSet(new MemoryBound(GIB))
    let refused = 0
    for (let index = 0; index < 70_000; index++) if (!set.add(index * 2, index * 2)) refused++
    expect(refused).toBe(70_000 - 65_536)
    // One that joins others still has room.
    expect(set.add(0, 10)).toBe(true)
  })
})

describe('ranges', () => {
  it('are subtracted and clipped as sets are', () => {
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 20 }),
        fc.array(range, { maxLength: 20 }),
        range,
        (a, b, limits) => {
          const [from, without] = [numbersOf(a), numbersOf(b)]
          const rest = [...from].filter((value) => !without.has(value))
          expect(subtract(rangesOf(from), rangesOf(without))).toEqual(rangesOf(rest))
          expect(sizeOf(rangesOf(from))).toBe(from.size)
          const inside = [...from].filter((value) => value >= limits.first && value <= limits.last)
          expect(clip(rangesOf(from), limits.first, limits.last)).toEqual(rangesOf(inside))
        },
      ),
    )
  })
})
