import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter, MOST_LINE } from './line-splitter.js'

function split(bytes: Buffer, cuts: readonly number[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter({
    line: (held, from, to) => lines.push(held.toString('latin1', from, to)),
    tooLong: (held, from, to) => lines.push(`long ${held.toString('latin1', from, Math.min(to, from + 3))}`),
  })
  let from = 0
  for (const cut of [...cuts, bytes.length]) {
    splitter.take(bytes.subarray(from, Math.max(from, cut)))
    from = Math.max(from, cut)
  }
  splitter.end()
  return lines
}

describe('LineSplitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', 'b', '\r', '\0'), maxLength: 40 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 6 }), (text, cuts) => {
        const expected = text.split('\n')
        if (expected.at(-1) === '') expected.pop()
        const sorted = cuts.filter((cut) => cut <= text.length).toSorted((a, b) => a - b)
        expect(split(Buffer.from(text), sorted)).toEqual(expected)
      }),
    )
  })

  it('holds no more of a line than 64 KiB, says so once, and goes on behind it', () => {
    const bytes = Buffer.from(`${'x'.repeat(MOST_LINE)}\n${'y'.repeat(3 * MOST_LINE)}\nz\n`)
    const expected = ['x'.repeat(MOST_LINE), 'long yyy', 'z']
    expect(split(bytes, [])).toEqual(expected)
    for (const size of [1000, MOST_LINE - 1, MOST_LINE, MOST_LINE + 1]) {
      const cuts = Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => (index + 1) * size)
      expect(split(bytes, cuts)).toEqual(expected)
    }
  })

  it('gives a line of which only the beginning came, at the end', () => {
    expect(split(Buffer.from('a\nb'), [1])).toEqual(['a', 'b'])
  })
})
