import { expect, it } from 'vitest'
import { indexTypes } from './type-index.js'

// struct btf_type: name u32, info u32 (kind << 24 | vlen), size u32; an int has 4 bytes more, a struct 12 a member.
const INT = 1 << 24
const STRUCT = 4 << 24
const RECORDS = [
  [7, INT, 4, 32],
  [11, STRUCT | 2, 8, 1, 1, 0, 2, 1, 32],
  [20, INT, 8, 64],
]

function bytesOf(records: readonly (readonly number[])[], lead = 0): Uint8Array {
  const words = records.flat()
  const bytes = new Uint8Array(lead + words.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, word] of words.entries()) view.setUint32(lead + index * 4, word, true)
  return bytes
}

it.each([0, 1, 2, 3])('finds records and names, also %i bytes beside the alignment of a word', (lead) => {
  const bytes = bytesOf(RECORDS, lead)
  const { count, offsets, names } = indexTypes(bytes, lead, bytes.length - lead)
  expect(count).toBe(3)
  expect([...offsets.subarray(0, 3)]).toEqual([lead, lead + 16, lead + 52])
  expect([...names.subarray(0, 3)]).toEqual([7, 11, 20])
})

it('has room for as many of the smallest records as there can be', () => {
  const POINTER = 2 << 24
  const bytes = bytesOf(Array.from({ length: 1000 }, (_, index) => [index, POINTER, 0]))
  const { count, offsets, names } = indexTypes(bytes, 0, bytes.length)
  expect([count, offsets[999], names[999]]).toEqual([1000, 999 * 12, 999])
})

it.each([
  ['a record that is cut off', RECORDS.flat().length * 4 - 4, 'type 3 is cut off'],
  ['bytes behind the last word', RECORDS.flat().length * 4 - 15, 'type 3 is cut off'],
])('refuses %s', (_, size, message) => {
  expect(() => indexTypes(bytesOf(RECORDS), 0, size)).toThrow(message)
})
