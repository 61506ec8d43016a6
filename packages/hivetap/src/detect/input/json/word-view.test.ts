import fc from 'fast-check'
import { expect, it } from 'vitest'
import { WORD, WordView, wordsOf } from './word-view.js'

it('reads words of one buffer after the other, wherever each lies in memory', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 64 }), fc.nat(4), fc.nat(4), (bytes, from, to) => {
      const whole = Buffer.from(bytes)
      const view = new WordView()
      for (const buffer of [whole, whole.subarray(from, whole.length - to), Buffer.from(whole)]) {
        view.look(buffer)
        for (let at = 0; at + WORD <= buffer.length; at++) expect(view.at(at)).toBe(buffer.readInt32LE(at))
        const words = wordsOf(buffer)
        expect(words.at(-1)).toBe(buffer.readInt32LE(buffer.length - WORD))
        expect(words).toHaveLength(Math.ceil(buffer.length / WORD))
      }
    }),
  )
})
