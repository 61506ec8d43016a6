import { describe, expect, it } from 'vitest'
import { MalformedElfError } from '../errors.js'
import { ByteReader } from './byte-reader.js'

const fail = (message: string) => new MalformedElfError(message)
const reader = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes), fail)

describe('ByteReader', () => {
  it('reads little-endian numbers of every width at any offset', () => {
    const bytes = reader(0xff, 0x01, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07, 0x88)
    expect(bytes.u8(0, 'x')).toBe(0xff)
    expect(bytes.u16(1, 'x')).toBe(0x0201)
    expect(bytes.u32(1, 'x')).toBe(0x84030201)
    expect(bytes.i32(1, 'x')).toBe(0x84030201 - 2 ** 32)
    expect(bytes.u64(1, 'x')).toBe(0x8807060584030201n)
  })

  it('sees no further than its bytes, also where they are part of a larger buffer', () => {
    const part = new ByteReader(Uint8Array.of(1, 2, 3, 4, 5, 6).subarray(1, 3), fail)
    expect(part.u16(0, 'x')).toBe(0x0302)
    expect(() => part.u16(1, 'count')).toThrow(
      new MalformedElfError('count at offset 1, 2 bytes long, ends past the 2 bytes there are'),
    )
  })

  it.each([
    ['u8', 4],
    ['u16', 3],
    ['u32', 1],
    ['i32', 1],
    ['u64', 0],
    ['size64', -1],
  ] as const)('%s at offset %d of four bytes is an error of the caller’s kind', (method, offset) => {
    expect(() => reader(1, 2, 3, 4)[method](offset, 'it')).toThrow(MalformedElfError)
  })

  it.each([Number.NaN, -1, 2 ** 60])('offset %d is no place', (offset) => {
    expect(() => reader(1, 2, 3, 4).slice(offset, 1, 'it')).toThrow(MalformedElfError)
    expect(() => reader(1, 2, 3, 4).slice(0, offset, 'it')).toThrow(MalformedElfError)
  })

  it('gives a 64-bit size that no file has as the largest safe integer', () => {
    const ones = reader(255, 255, 255, 255, 255, 255, 255, 255)
    expect(ones.size64(0, 'x')).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('gives slices that share the memory', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    const slice = new ByteReader(bytes, fail).slice(1, 2, 'x')
    bytes[1] = 9
    expect([...slice]).toEqual([9, 3])
  })

  it.each([
    ['short ASCII', 'sock'],
    ['longer ASCII', 'a'.repeat(40)],
    ['short UTF-8', 'größe'],
    ['a mark of byte order', '\ufefface'],
    ['nothing', ''],
  ])('reads a string of %s up to its NUL', (_, text) => {
    const bytes = new ByteReader(Buffer.from(`xx${text}\0yy\0`), fail)
    expect(bytes.cString(2, 'name')).toBe(text)
  })

  it('refuses a string without an end', () => {
    expect(() => reader(65, 66).cString(0, 'name')).toThrow('name at offset 0 has no end')
    expect(() => reader(65, 66).cString(2, 'name')).toThrow(MalformedElfError)
  })

  it('refuses a string longer than it may be, without looking for its end', () => {
    const bytes = new Uint8Array(100).fill(65)
    bytes[99] = 0
    expect(new ByteReader(bytes, fail, 99).cString(0, 'name')).toHaveLength(99)
    expect(() => new ByteReader(bytes, fail, 98).cString(0, 'name')).toThrow('is longer than 98 bytes')
  })
})
