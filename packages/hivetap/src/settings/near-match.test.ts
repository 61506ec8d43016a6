import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean, nearMatch } from './near-match.js'

const KNOWN = ['max_bytes', 'max_age', 'policy', 'fsync', 'dir']

describe('the word that was meant', () => {
  it.each([
    ['max_byte', 'max_bytes'],
    ['maxBytes', 'max_bytes'],
    ['max-age', 'max_age'],
    ['ploicy', 'policy'],
    ['fysnc', 'fsync'],
    ['dri', 'dir'],
    ['DIR', 'dir'],
  ])('%s: %s', (written, meant) => {
    expect(nearMatch(written, KNOWN)).toBe(meant)
  })

  it.each(['compression', '', 'xyz', 'a'.repeat(100_000)])('none is near %s', (written) => {
    expect(nearMatch(written, KNOWN)).toBeUndefined()
    expect(didYouMean(written, KNOWN)).toBe('')
  })

  it('is a known word itself', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        expect([undefined, ...KNOWN]).toContain(nearMatch(written, KNOWN))
      }),
    )
    for (const word of KNOWN) expect(nearMatch(word, KNOWN)).toBe(word)
  })
})
