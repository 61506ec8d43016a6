import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockPlaces, CHUNK_SLOTS, chunkOf } from './block-places.js'

/** Takes and gives back, and holds what is out against each other: no two may share a slot. */
class Checked {
  chunks = 0
  readonly #places = new BlockPlaces(() => this.chunks++)
  readonly #isTaken = new Uint8Array(200 * CHUNK_SLOTS)

  take(size: number): number {
    const place = this.#places.take(size)
    const end = place + size
    if (chunkOf(place) !== chunkOf(end - 1) || end > this.chunks * CHUNK_SLOTS)
      throw new Error(`A block of ${size} at ${place} is in no chunk.`)
    if (this.#isTaken.subarray(place, end).includes(1)) throw new Error(`Slots at ${place} are given twice.`)
    this.#isTaken.fill(1, place, end)
    return place
  }

  give(place: number, size: number): void {
    this.#isTaken.fill(0, place, place + size)
    this.#places.give(place, size)
  }
}

describe('places of blocks', () => {
  it('never overlap, whatever is taken and given back', () => {
    const step = fc.tuple(fc.integer({ min: 2, max: 6 }), fc.constantFrom(1, 100, 1500, 3000), fc.nat(3))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const places = new Checked()
        const out: { place: number; size: number }[] = []
        for (const [bits, count, keep] of steps) {
          const size = 1 << bits
          for (let index = 0; index < count; index++) out.push({ place: places.take(size), size })
          for (const { place, size: own } of out.splice(Math.floor((out.length * keep) / 3)))
            places.give(place, own)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('of rows that all grow at one time take little more than the rows', () => {
    const places = new Checked()
    const rows = Array.from({ length: 8000 }, () => places.take(4))
    for (let size = 4; size < 64; size *= 2)
      for (const [index, place] of rows.entries()) {
        rows[index] = places.take(size * 2)
        places.give(place, size)
      }
    expect((places.chunks * CHUNK_SLOTS) / (8000 * 64)).toBeLessThan(1.15)
  })
})
