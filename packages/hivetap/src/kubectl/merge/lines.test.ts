import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Lines } from './lines.js'

it('cuts bytes into the lines that they are, however they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{0,30}$/)),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (texts, sizes) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
        const lines = new Lines(20)
        const got: string[] = []
        for (let at = 0, piece = 0; at < bytes.byteLength; piece++) {
          const size = sizes[piece % sizes.length] as number
          for (const line of lines.add(bytes.subarray(at, at + size))) got.push(line.toString())
          at += size
        }
        expect(got).toEqual(texts.filter((text) => text.length <= 20))
        expect(lines.tooLong).toBe(texts.filter((text) => text.length > 20).length)
        expect(lines.partial).toBe(false)
      },
    ),
  )
})

it('keeps no more than a line may have, of one that never ends', () => {
  const lines = new Lines(10)
  for (let count = 0; count < 1000; count++) expect([...lines.add(Buffer.alloc(8, 120))]).toEqual([])
  expect(lines.partial).toBe(true)
  expect([...lines.add(Buffer.from('x\ny\n'))].map(String)).toEqual(['y'])
  expect(lines.tooLong).toBe(1)
})
