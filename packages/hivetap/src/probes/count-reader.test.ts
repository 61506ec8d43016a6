import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CountMap, CountReader } from './count-reader.js'

/** A map in memory, that refuses when it is full, as the kernel's does. */
class MemoryMap implements CountMap<string, { readonly n: number }> {
  readonly maxEntries: number
  readonly values = new Map<string, number>()
  readonly taken: string[] = []
  /** Called before a key is taken. */
  beforeTake: (key: string) => void = () => undefined

  constructor(maxEntries = 1000) {
    this.maxEntries = maxEntries
  }

  /** @returns whether there was room */
  add(key: string, count: number): boolean {
    if (!this.values.has(key) && this.values.size >= this.maxEntries) return false
    this.values.set(key, (this.values.get(key) ?? 0) + count)
    return true
  }

  *entries(): Generator<[string, { n: number }]> {
    for (const [key, n] of this.values) yield [key, { n }]
  }

  take(key: string): { n: number } | undefined {
    this.beforeTake(key)
    const n = this.values.get(key)
    this.values.delete(key)
    this.taken.push(key)
    return n === undefined ? undefined : { n }
  }
}

function readerOf(map: CountMap<string, { readonly n: number }>) {
  let now = 0n
  return new CountReader(map, { identity: (key) => key, count: ({ n }) => n }, () => ++now)
}

const told = (rows: readonly { key: string; count: number }[]) =>
  rows.map(({ key, count }) => `${key} ${count}`)

describe('CountReader', () => {
  it('tells what was added since it was read before, largest first', () => {
    const map = new MemoryMap()
    const reader = readerOf(map)
    map.add('a', 2)
    map.add('b', 30)
    map.add('c', 4)
    expect(told(reader.read(false))).toEqual(['b 30', 'c 4', 'a 2'])
    expect(reader.read(false)).toEqual([])
    map.add('a', 5)
    map.add('d', 7)
    expect(told(reader.read(false))).toEqual(['d 7', 'a 5'])
    expect(reader.taken).toBe(48)
    expect(map.taken).toEqual([])
  })

  it('gives what was read together one time', () => {
    const map = new MemoryMap()
    const reader = readerOf(map)
    map.add('a', 1)
    map.add('b', 1)
    expect(reader.read(false).map(({ timeNs }) => timeNs)).toEqual([1, 1])
    map.add('b', 1)
    expect(reader.read(false).map(({ timeNs }) => timeNs)).toEqual([2])
  })

  it('takes idle keys out of a map that is more than half full, and knows them anew', () => {
    const map = new MemoryMap(4)
    const reader = readerOf(map)
    for (const key of ['a', 'b', 'c']) map.add(key, 1)
    reader.read(false)
    expect(map.taken).toEqual([])
    map.add('b', 1)
    expect(told(reader.read(false))).toEqual(['b 1'])
    expect(map.taken).toEqual(['a', 'c'])
    map.add('a', 9)
    expect(told(reader.read(false))).toEqual(['a 9'])
  })

  it('leaves a map alone that is half full, or read for the last time', () => {
    const half = new MemoryMap(4)
    for (const key of ['a', 'b']) half.add(key, 1)
    const full = new MemoryMap(2)
    for (const key of ['a', 'b']) full.add(key, 1)
    const readers = [readerOf(half), readerOf(full)] as const
    for (const reader of readers) reader.read(false)
    readers[0].read(false)
    readers[1].read(true)
    expect([...half.taken, ...full.taken]).toEqual([])
  })

  it('leaves a key that is just being put in: nothing was added to it yet', () => {
    const map = new MemoryMap(1)
    const reader = readerOf(map)
    map.add('a', 0)
    expect(reader.read(false)).toEqual([])
    expect(map.taken).toEqual([])
  })

  it('tells what was added between reading and taking out', () => {
    const map = new MemoryMap(2)
    const reader = readerOf(map)
    map.add('a', 1)
    map.add('b', 1)
    reader.read(false)
    map.beforeTake = (key) => {
      if (key === 'a') map.add('a', 3)
    }
    expect(told(reader.read(false))).toEqual(['a 3'])
    expect(reader.taken).toBe(5)
  })

  it.each(['ENOTSUPP', 'EINVAL'])('lets the map fill where the kernel says %s', (errnoName) => {
    const map = new MemoryMap(2)
    const reader = readerOf(map)
    map.add('a', 1)
    map.add('b', 1)
    let asked = 0
    map.beforeTake = () => {
      asked++
      throw Object.assign(new Error(errnoName), { errnoName })
    }
    for (let times = 0; times < 3; times++) reader.read(false)
    expect(asked).toBe(1)
    expect(map.values.size).toBe(2)
    map.add('a', 1)
    expect(told(reader.read(false))).toEqual(['a 1'])
  })

  it('passes on what else the kernel says', () => {
    const map = new MemoryMap(1)
    const reader = readerOf(map)
    map.add('a', 1)
    reader.read(false)
    map.beforeTake = () => {
      throw Object.assign(new Error('EPERM'), { errnoName: 'EPERM' })
    }
    expect(() => reader.read(false)).toThrow('EPERM')
  })

  it('tells every one that was counted, whatever comes in which order', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ key: fc.nat(12), count: fc.integer({ min: 1, max: 5 }) }) },
      fc.constant('read' as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 10 }), (steps, size) => {
        const map = new MemoryMap(size)
        const reader = readerOf(map)
        const counted = new Map<string, number>()
        const read = new Map<string, number>()
        const note = (rows: ReturnType<typeof reader.read>) => {
          for (const { key, count } of rows) {
            expect(count).toBeGreaterThan(0)
            read.set(key, (read.get(key) ?? 0) + count)
          }
        }
        for (const each of steps) {
          if (each === 'read') note(reader.read(false))
          else if (map.add(`${each.key}`, each.count))
            counted.set(`${each.key}`, (counted.get(`${each.key}`) ?? 0) + each.count)
        }
        note(reader.read(true))
        expect(read).toEqual(counted)
        expect(reader.taken).toBe([...counted.values()].reduce((sum, count) => sum + count, 0))
      }),
    )
  })
})
