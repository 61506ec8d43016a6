import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOfNumbers, hashOfText } from './text-hash.js'

/** How many of these fall together with another one, in a table of 2^16. */
function together(hashes: readonly number[]): number {
  return hashes.length - new Set(hashes.map((hash) => hash & 0xffff)).size
}

describe('hashes', () => {
  it('spread texts that differ in little', () => {
    const numbers = Array.from({ length: 8192 }, (_, index) => index)
    // 8192 of 65,536 by chance: 491 are expected to find their place taken, give or take 22.
    const families = [
      numbers.map(String),
      numbers.map((number) => `10.0.${number >> 8}.${number & 255}:443`),
      numbers.map((number) => String.fromCharCode(number, 65535 - number)),
      numbers.map((number) => '\0'.repeat(number & 255) + String.fromCharCode(number >> 8)),
      numbers.map((number) => number.toString(2).padStart(256, 'a')),
    ]
    for (const family of families) expect(together(family.map(hashOfText))).toBeLessThan(1200)
    const pairs = numbers.map((number) => Uint32Array.of(number & 127, number >>> 7))
    expect(together(pairs.map((pair) => hashOfNumbers(pair, 0, 2)))).toBeLessThan(1200)
  })

  it('are the same for the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const copy = Buffer.from(text, 'utf16le').toString('utf16le')
        expect(hashOfText(copy)).toBe(hashOfText(text))
        expect(Number.isInteger(hashOfText(text)) && hashOfText(text) >= 0).toBe(true)
      }),
    )
  })
})
