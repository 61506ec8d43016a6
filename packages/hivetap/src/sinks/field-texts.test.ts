import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FieldValue } from '../probes/tool.js'
import { FieldTexts } from './field-texts.js'
import { jsonValue } from './json-value.js'

type Values = readonly (FieldValue | undefined)[]

/** Fields that take their values by place. */
function fieldsOf(count: number) {
  return Array.from({ length: count }, (_, at) => ({ name: `f${at}`, value: (event: Values) => event[at] }))
}

/** Each piece by itself, as the texts are to read. */
function plainly(event: Values): string {
  return event.map((value, at) => (value === undefined ? '' : `,"f${at}":${jsonValue(value)}`)).join('')
}

const value: fc.Arbitrary<FieldValue | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.nat(3),
  fc.boolean(),
  fc.constantFrom('', 'a', '"', 'ü'),
  fc.constantFrom<FieldValue>(['x'], []),
)

test('reads as each field by itself does, however often each changes, and however that changes', () => {
  const phase = fc.record({
    events: fc.integer({ min: 1, max: 1500 }),
    /** Of each field, how many events it stays as it is. */
    every: fc.array(fc.constantFrom(1, 2, 10, 300, 5000), { minLength: 5, maxLength: 5 }),
    values: fc.array(fc.tuple(value, value, value, value, value), { minLength: 1, maxLength: 5 }),
  })
  fc.assert(
    fc.property(fc.array(phase, { minLength: 1, maxLength: 4 }), (phases) => {
      const texts = new FieldTexts(fieldsOf(5))
      for (const { events, every, values } of phases) {
        const all = Array.from({ length: events }, (_, at) =>
          every.map((stays, field) => values[Math.floor(at / stays) % values.length]?.[field]),
        )
        // One comparison of all: a phase has many.
        const read = all.map((event) => texts.behind('{', event))
        expect(read.join('\n')).toBe(all.map((event) => `{${plainly(event)}`).join('\n'))
      }
    }),
    { numRuns: 20 },
  )
})

test('one field changes with each event, its neighbours never', () => {
  const texts = new FieldTexts(fieldsOf(3))
  const read = Array.from({ length: 3000 }, (_, at) => texts.behind('', ['x', at, 'y']))
  expect(read).toEqual(Array.from({ length: 3000 }, (_, at) => `,"f0":"x","f1":${at},"f2":"y"`))
})

test('no fields, no text', () => {
  expect(new FieldTexts<Values>([]).behind('{', [])).toBe('{')
})
