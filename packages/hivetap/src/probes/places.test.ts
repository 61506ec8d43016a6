import { describe, expect, it } from 'vitest'
import { onlyPlace, u32, u64 } from './places.js'

describe('onlyPlace', () => {
  const samples = [
    [1, 7, 7, 0],
    [2, 7, 6, 0],
  ]
  const holds = (value: number) => (sample: readonly number[], at: number) => sample[at] === value

  it('is where all samples hold it', () => {
    expect(onlyPlace(1, 4, samples, holds(7))).toBe(1)
  })

  it('is none where some sample holds it nowhere, or where two places would do', () => {
    expect(onlyPlace(1, 4, samples, holds(1))).toBeUndefined()
    expect(onlyPlace(1, 4, [[5, 5]], holds(5))).toBeUndefined()
  })

  it('lies below the end, and is aligned', () => {
    expect(onlyPlace(1, 1, samples, holds(7))).toBeUndefined()
    expect(onlyPlace(2, 4, samples, holds(7))).toBeUndefined()
  })
})

describe('u32 and u64', () => {
  const bytes = Uint8Array.from({ length: 12 }, (_, index) => index).subarray(4)

  it('read little-endian', () => {
    expect(u32(bytes, 4)).toBe(0x0b0a0908)
    expect(u64(bytes, 0)).toBe(0x0b0a090807060504n)
  })

  it('read nothing beyond the ends', () => {
    expect([u32(bytes, 5), u32(bytes, -4)]).toEqual([-1, -1])
    expect([u64(bytes, 1), u64(bytes, -8)]).toEqual([-1n, -1n])
  })
})
