import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecordEncoder } from './record-encoder.js'

const aText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.nat(20_000).map((length) => 'x'.repeat(length)),
  fc.constant('ü'.repeat(300_000)),
)
const lines = fc.array(
  fc.record({
    kind: fc.constantFrom('event' as const, 'ledger' as const),
    tool: fc.constantFrom('a', 'b'),
    timeMs: fc.double(),
    text: fc.oneof({ weight: 30, arbitrary: fc.string({ maxLength: 600 }) }, { weight: 1, arbitrary: aText }),
  }),
  { maxLength: 60 },
)

test('records are the bytes of their lines, in order, whatever was taken before', () => {
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 3 }), (batches) => {
      const encoder = new RecordEncoder()
      const taken = batches.map((batch) => {
        for (const { kind, tool, timeMs, text } of batch) encoder.add(kind, tool, timeMs, `${text}\n`)
        expect(encoder.count).toBe(batch.length)
        return encoder.take()
      })
      expect(encoder.count).toBe(0)
      // All of them are looked at once the last is made: none is written over.
      for (const [index, batch] of batches.entries()) {
        const found = taken[index]?.map(({ value, ...head }) => ({
          ...head,
          text: Buffer.from(value).toString(),
        }))
        expect(found).toEqual(
          batch.map(({ text, ...head }) => ({ ...head, text: Buffer.from(text).toString() })),
        )
      }
    }),
  )
})
