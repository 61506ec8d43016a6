import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Texts } from './texts.js'

it('texts are found by number as long as they are held, however many are at hand', () => {
  const name = fc.nat(2500).map((number) => `text ${number}`)
  const step = fc.record({ text: name, isHeld: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { minLength: 200, maxLength: 400 }), (steps) => {
      const texts = new Texts()
      // More than are found at once.
      const held = new Map(
        Array.from({ length: 1200 }, (_, number) => `text ${number}`).map((one) => [one, texts.hold(one)]),
      )
      for (const text of held.keys()) expect(texts.find(text)).toBe(held.get(text))
      for (const { text, isHeld } of steps) {
        const id = held.get(text)
        if (isHeld && id === undefined) held.set(text, texts.hold(text))
        else if (!isHeld && id !== undefined) {
          texts.release(id)
          held.delete(text)
        }
        expect(texts.find(text)).toBe(held.get(text) ?? -1)
      }
      expect(texts.size).toBe(held.size)
      for (const [text, id] of held) expect(texts.textOf(texts.find(text))).toBe(texts.textOf(id))
    }),
    { numRuns: 20 },
  )
})
