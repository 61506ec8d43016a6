import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NameSearch } from './name-search.js'

/** A table of strings as BTF has it: the empty one first, each with its NUL. */
function table(names: readonly string[]): { bytes: Uint8Array; offsets: Uint32Array } {
  const text = new TextEncoder()
  const parts = [new Uint8Array(1), ...names.map((name) => text.encode(`${name}\0`))]
  let at = 0
  const offsets = parts.map((part) => {
    const offset = at
    at += part.length
    return offset
  })
  const bytes = new Uint8Array(at)
  for (const [index, part] of parts.entries()) bytes.set(part, offsets[index])
  return { bytes, offsets: Uint32Array.from(offsets) }
}

function search(wanted: readonly string[], names: readonly string[]): [number, string][] {
  const { bytes, offsets } = table(names)
  const found: [number, string][] = []
  const places = { offsets, count: offsets.length, least: 0, end: bytes.length }
  new NameSearch(wanted).scan(bytes, 0, places, (index, name) => found.push([index, name]))
  return found
}

// Few letters, so that names begin alike and are parts of each other.
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 5 })

it('finds each place where one of the names stands, and no other', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 6 }), fc.array(name, { maxLength: 50 }), (wanted, names) => {
      const all = ['', ...names]
      const expected = all.flatMap((each, index) =>
        each !== '' && wanted.includes(each) ? [[index, each]] : [],
      )
      expect(search([...new Set(wanted)], names)).toEqual(expected)
    }),
  )
})

it('finds them also where there are more places than are looked at in one call', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `name_${index}`)
  expect(search(['name_0', 'name_1023', 'name_1024', 'name_4999'], names)).toEqual([
    [1, 'name_0'],
    [1024, 'name_1023'],
    [1025, 'name_1024'],
    [5000, 'name_4999'],
  ])
})

it('passes over places outside of the table', () => {
  const { bytes, offsets } = table(['sock', 'net'])
  const found: string[] = []
  const shifted = offsets.map((offset) => offset + 100)
  const places = {
    offsets: Uint32Array.from([0, 99, ...shifted, 5000]),
    count: 6,
    least: 100,
    end: 100 + bytes.length,
  }
  new NameSearch(['sock', 'net']).scan(bytes, -100, places, (index, each) => found.push(`${index} ${each}`))
  expect(found).toEqual(['3 sock', '4 net'])
})
