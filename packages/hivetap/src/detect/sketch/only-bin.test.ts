import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LAST_BIN } from './bins.js'
import { binOfOnly, countOfOnly, MOST_OF_ONLY_BIN, onlyBin } from './only-bin.js'
import { SketchPool } from './sketch-pool.js'

describe('a sketch of one bin', () => {
  it('is its bin and what it counts', () => {
    fc.assert(
      fc.property(fc.nat(LAST_BIN), fc.integer({ min: 1, max: MOST_OF_ONLY_BIN }), (bin, count) => {
        const packed = onlyBin(bin, count)
        expect([binOfOnly(packed), countOfOnly(packed)]).toEqual([bin, count])
        expect(packed).toBe(packed >>> 0)
      }),
    )
  })

  it('takes no memory but its number, until it counts more than that holds or another bin', () => {
    const pool = new SketchPool()
    const handles = Array.from({ length: 2 ** 16 }, () => pool.create())
    const { bytes } = pool
    for (const handle of handles) pool.add(handle, 1000, 7)
    expect(pool.bytes).toBe(bytes)
    const [one = 0, two = 0] = handles
    pool.add(one, 1000, MOST_OF_ONLY_BIN)
    pool.add(two, 5000, 1)
    expect([pool.count(one), pool.count(two)]).toEqual([MOST_OF_ONLY_BIN + 7, 8])
    expect([pool.countAbove(one, 999), pool.countAbove(two, 1100)]).toEqual([0, 1])
    pool.merge(one, two)
    expect([pool.count(one), pool.countAbove(one, 1100)]).toEqual([MOST_OF_ONLY_BIN + 15, 1])
    for (const handle of handles) pool.free(handle)
    expect(pool.size).toBe(0)
  })
})
