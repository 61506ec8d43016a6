import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ArgumentBounds, findMm, mmCandidates } from './find-mm.js'

const TASK = 0xffff_8881_0000_0000n
const MM = 0xffff_8881_2200_0640n
const COMM = 256

const BOUNDS: ArgumentBounds = {
  argStart: 0x7ffd_2d86_babbn,
  argEnd: 0x7ffd_2d86_bacen,
  envStart: 0x7ffd_2d86_bacen,
  envEnd: 0x7ffd_2d86_bfean,
}
const UNKNOWN = { mm: undefined, argStart: undefined }

const withWords = (size: number, words: Readonly<Record<number, bigint>>, noise?: Uint8Array) => {
  const bytes = Uint8Array.from(noise ?? new Uint8Array(size))
  const view = new DataView(bytes.buffer)
  for (const [at, word] of Object.entries(words)) view.setBigUint64(Number(at), word, true)
  return bytes
}

const rowAt = (at: number, { argStart, argEnd, envStart, envEnd }: ArgumentBounds = BOUNDS) => ({
  [at]: argStart,
  [at + 8]: argEnd,
  [at + 16]: envStart,
  [at + 24]: envEnd,
})

describe('mmCandidates', () => {
  const candidates = (words: Readonly<Record<number, bigint>>) =>
    mmCandidates(TASK, withWords(512, words), COMM).map(({ at, address }) => [at, address])

  it('are pairs of addresses in the kernel', () => {
    expect(candidates({ 64: MM, 72: MM })).toEqual([[64, MM]])
    expect(candidates({ 64: MM, 72: MM + 8n })).toEqual([])
  })

  it('are told on a machine with five levels of page tables', () => {
    const high = 0xff11_0001_2200_0640n
    expect(candidates({ 64: high, 72: high })).toEqual([[64, high]])
  })

  it('are no numbers, no addresses of programs, no errors and no odd addresses', () => {
    for (const word of [0n, 5n, 0x7ffd_2d86_bac0n, 0xffff_ffff_ffff_fff0n, MM + 1n])
      expect(candidates({ 64: word, 72: word })).toEqual([])
  })

  it('are no empty lists of the task’s own', () => {
    expect(candidates({ 64: TASK + 64n, 72: TASK + 64n })).toEqual([])
  })

  it('are not in another thread’s task, which has the same memory', () => {
    expect(candidates({ 320: MM, 328: MM })).toEqual([])
  })
})

describe('findMm', () => {
  it('finds the one behind which the addresses stand', () => {
    const bytes = fc.uint8Array({ minLength: 256, maxLength: 256 })
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 3, maxLength: 3 }), fc.nat({ max: 28 }), (noises, word) => {
        const samples = noises.map((noise, index) => ({
          at: 100 + index * 8,
          bytes: index === 1 ? withWords(256, rowAt(word * 8), noise) : noise,
        }))
        expect(findMm(samples, BOUNDS)).toEqual({ mm: 108, argStart: word * 8 })
      }),
    )
  })

  it('takes the row of the struct itself, not of a copy behind it', () => {
    const bytes = withWords(256, { ...rowAt(32), ...rowAt(160) })
    expect(findMm([{ at: 8, bytes }], BOUNDS)).toEqual({ mm: 8, argStart: 32 })
  })

  it('demands all four', () => {
    const bytes = withWords(256, { ...rowAt(32), 56: 0n })
    expect(findMm([{ at: 8, bytes }], BOUNDS)).toEqual(UNKNOWN)
    const cut = withWords(256, rowAt(32)).subarray(0, 56)
    expect(findMm([{ at: 8, bytes: cut }], BOUNDS)).toEqual(UNKNOWN)
  })

  it('tells nothing where two candidates would do', () => {
    const bytes = withWords(256, rowAt(32))
    expect(
      findMm(
        [
          { at: 8, bytes },
          { at: 80, bytes },
        ],
        BOUNDS,
      ),
    ).toEqual(UNKNOWN)
  })

  it('tells nothing where the addresses are not told', () => {
    const none: ArgumentBounds = { argStart: 0n, argEnd: 0n, envStart: 0n, envEnd: 0n }
    expect(findMm([{ at: 8, bytes: new Uint8Array(256) }], none)).toEqual(UNKNOWN)
    expect(findMm([], BOUNDS)).toEqual(UNKNOWN)
  })
})
