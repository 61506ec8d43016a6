import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RepeatedTexts } from './repeated-texts.js'

describe('RepeatedTexts', () => {
  it('gives for some bytes and a number what is made of them, whatever falls on the same place', () => {
    const texts = new RepeatedTexts<string>(4, (text, number) =>
      text === 'bad' ? undefined : `${text} ${number}`,
    )
    const text = fc.oneof(fc.constantFrom('bad', '', 'a', 'b'), fc.stringMatching(/^[ -~]{0,70}$/))
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 2 }),
        (text, number, hash) => {
          const bytes = Buffer.from(`<${text}>`)
          const expected = text === 'bad' ? undefined : `${text} ${number}`
          for (let times = 0; times < 2; times++)
            expect(texts.get(bytes, 1, bytes.length - 1, hash, number)).toBe(expected)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('makes a text once', () => {
    let made = 0
    const texts = new RepeatedTexts<string>(4, (text) => {
      made++
      return text
    })
    for (let times = 0; times < 5; times++) texts.get(Buffer.from('node-1'), 0, 6, 17)
    expect(made).toBe(1)
  })
})
