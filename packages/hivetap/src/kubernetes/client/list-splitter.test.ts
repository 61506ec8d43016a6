import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ListSplitter } from './list-splitter.js'

/** Takes a list apart, cut at these places. */
function split(text: string | Buffer, cuts: readonly number[] = [], mostBytes = 1 << 20) {
  const items: string[] = []
  const counts = { tooLarge: 0, malformed: 0 }
  const splitter = new ListSplitter(
    {
      item: (json) => items.push(json.toString()),
      tooLarge: () => counts.tooLarge++,
      malformed: () => counts.malformed++,
    },
    mostBytes,
  )
  const bytes = Buffer.from(text)
  let at = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    splitter.push(bytes.subarray(at, Math.max(at, cut)))
    at = Math.max(at, cut)
  }
  splitter.push(bytes.subarray(at))
  return { items, ...counts, rest: splitter.end().toString() }
}

const everywhere = (text: string) => Array.from({ length: text.length }, (_, at) => at)

test('any list, cut anywhere: the items as JSON.parse has them, and what stands around them', () => {
  const list = fc.record({
    kind: fc.string(),
    metadata: fc.jsonValue(),
    items: fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
    more: fc.jsonValue(),
  })
  const space = fc.constantFrom(undefined, 1, '\t')
  fc.assert(
    fc.property(list, space, fc.array(fc.nat(400)), (value, indent, cuts) => {
      const text = JSON.stringify(value, undefined, indent)
      const found = split(text, cuts)
      expect(found.items.map((item) => JSON.parse(item))).toEqual(JSON.parse(JSON.stringify(value.items)))
      expect(JSON.parse(found.rest)).toEqual(JSON.parse(JSON.stringify({ ...value, items: [] })))
      expect([found.tooLarge, found.malformed]).toEqual([0, 0])
    }),
  )
})

test('the key that holds the items is that of the list itself, however it is written', () => {
  for (const text of [
    '{"a":{"items":[{"x":1}]},"items":[{"y":2}],"b":"\\"items\\":[{"}',
    '{"a\\"items":[{"x":1}],  "items" :\n [ {"y":2} ] }',
    '{"a":"items","items":[{"y":2}]}',
    '{"a":[{"x":1},"items"],"items":[{"y":2}],"itemsX":[{}]}',
  ]) {
    const { items, rest } = split(text, everywhere(text))
    expect(items).toEqual(['{"y":2}'])
    expect(JSON.parse(rest)).toEqual({ ...JSON.parse(text), items: [] })
  }
  for (const text of ['{"items":null}', '{"items":[]}', '{"items": [\n] }', '{}'])
    expect(split(text, everywhere(text)).items).toEqual([])
})

test('elements that are no objects are malformed, and cost no other', () => {
  const text = '{"items":[1,{"a":1},"x, {y","\\\\",null,[{"b":2}],{"c":3} 4,{"d":"]}"},true]}'
  for (const cuts of [[], everywhere(text)])
    expect(split(text, cuts)).toEqual({
      items: ['{"a":1}', '{"c":3}', '{"d":"]}"}'],
      tooLarge: 0,
      malformed: 7,
      rest: '{"items":[]}',
    })
})

test('an element beyond the bound is passed over and counted', () => {
  const large = JSON.stringify({ name: 'x'.repeat(200), list: [{}, [], '}'] })
  const text = `{"items":[{"a":1},${large},{"b":2}]}`
  for (const cuts of [[], [30, 60, 90], everywhere(text)]) {
    const { items, tooLarge } = split(text, cuts, 100)
    expect(items).toEqual(['{"a":1}', '{"b":2}'])
    expect(tooLarge).toBe(1)
  }
})

test('a list that is cut off, or that is endless around its items, is none', () => {
  const whole = '{"kind":"PodList","items":[{"a":"b"}]}'
  for (let end = 0; end < whole.length; end++)
    expect(() => JSON.parse(split(whole.slice(0, end)).rest)).toThrow()
  expect(() => split(`{"a":"${'x'.repeat(1 << 19)}","items":[]}`)).toThrow(SyntaxError)
})

test('any bytes: nothing but parts of them, or an error', () => {
  const bytes = fc.array(fc.constantFrom(...'{}[]",\\:a '.split(''), '"items":[')).map((all) => all.join(''))
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(100)), (text, cuts) => {
      try {
        const { items } = split(text, cuts)
        for (const item of items) expect(text).toContain(item)
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError)
      }
    }),
  )
})
