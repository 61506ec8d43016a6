import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findOffsets, type SocketSample } from './find-offsets.js'

const SIZE = 256

/** A socket of random bytes, with an error and a round trip put into their places. */
function socket(
  noise: Uint8Array,
  place: { error: number; srtt: number },
  error: number,
  rttUs?: number,
): SocketSample {
  const bytes = Uint8Array.from(noise)
  const view = new DataView(bytes.buffer)
  view.setInt32(place.error, error, true)
  view.setUint32(place.srtt, (rttUs ?? 0) * 8 + 3, true)
  return { bytes, error, rttUs }
}

const place = { error: 40, srtt: 128 }
const noise = (seed: number) =>
  Uint8Array.from({ length: SIZE }, (_, index) => (index * 31 + seed * 97) & 0xff)

describe('findOffsets', () => {
  it('finds the one place where every sample has what it must have', () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: SIZE / 4 - 1 }), { minLength: 2, maxLength: 2 })
    const bytes = fc.uint8Array({ minLength: SIZE, maxLength: SIZE })
    fc.assert(
      fc.property(places, fc.array(bytes, { minLength: 6, maxLength: 6 }), ([a = 0, b = 1], noises) => {
        const at = { error: a * 4, srtt: b * 4 }
        const samples = noises.map((random, index) =>
          index < 4 ? socket(random, at, 0, 20 + index * 7) : socket(random, at, 111),
        )
        const found = findOffsets(samples)
        // Random bytes may hold the same values elsewhere: then nothing is told, and never the wrong place.
        expect([at.error, undefined]).toContain(found.error)
        expect([at.srtt, undefined]).toContain(found.srtt)
      }),
    )
  })

  it('tells both where nothing else looks like them', () => {
    const samples = [1, 2, 3, 4].map((seed) => socket(noise(seed), place, 0, 10 + seed))
    samples.push(socket(noise(5), place, 111))
    expect(findOffsets(samples)).toEqual({ error: 40, srtt: 128 })
  })

  it('tells no error where no connect has failed', () => {
    const samples = [1, 2, 3].map((seed) => socket(noise(seed), place, 0, 10 + seed))
    expect(findOffsets(samples).error).toBeUndefined()
  })

  it('tells no round trip where all were alike', () => {
    const samples = [1, 2, 3].map((seed) => socket(noise(seed), place, 0, 10))
    expect(findOffsets(samples).srtt).toBeUndefined()
  })

  it('tells nothing where two places would do', () => {
    const samples = [1, 2, 3].map((seed) => socket(noise(seed), place, 0, 10 + seed))
    samples.push(socket(noise(4), place, 111))
    for (const { bytes, error } of samples) new DataView(bytes.buffer).setInt32(200, error, true)
    expect(findOffsets(samples).error).toBeUndefined()
  })

  it('tells nothing of no samples', () => {
    expect(findOffsets([])).toEqual({ error: undefined, srtt: undefined })
  })
})
