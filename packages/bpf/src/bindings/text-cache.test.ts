import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TextCache, textOf } from './text-cache.js'

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 })
const hex = (bytes: Uint8Array, variant = 0) => `${Buffer.from(bytes).toString('hex')}/${variant}`
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

describe('TextCache', () => {
  it('gives the text of the bytes, whatever was asked before', () => {
    // Few bytes of few values, so that the same and nearly the same come again.
    const alike = fc
      .array(fc.tuple(fc.nat(15), fc.constantFrom(0, 1, 0x80, 0xff)), { maxLength: 3 })
      .map((edits) => {
        const bytes = new Uint8Array(16)
        for (const [at, value] of edits) bytes[at] = value
        return bytes
      })
    const cache = new TextCache(hex)
    fc.assert(
      fc.property(fc.oneof(alike, sixteen), fc.constantFrom(-1, 0, 4, 6), (bytes, variant) => {
        expect(cache.get(viewOf(bytes), 0, variant)).toBe(hex(bytes, variant))
      }),
      { numRuns: 2000 },
    )
  })

  it('makes a text once while its slot is its own', () => {
    let made = 0
    const cache = new TextCache((bytes) => {
      made++
      return hex(bytes)
    })
    const bytes = Uint8Array.from({ length: 20 }, (_, index) => index)
    for (let count = 0; count < 10; count++) cache.get(viewOf(bytes), 4, 0)
    expect(made).toBe(1)
    cache.get(viewOf(bytes), 4, 1)
    expect(made).toBe(2)
  })

  it('does not take a slot that was never used for that of zeros, nor of ones', () => {
    for (const value of [0, 0xff]) {
      for (const variant of [0, -1]) {
        const cache = new TextCache(hex)
        const bytes = new Uint8Array(16).fill(value)
        expect(cache.get(viewOf(bytes), 0, variant)).toBe(hex(bytes, variant))
      }
    }
  })

  it('keeps no more than its slots, and forgets in time', () => {
    let made = 0
    const cache = new TextCache((bytes) => {
      made++
      return hex(bytes)
    })
    const many = Array.from({ length: 10_000 }, (_, index) => {
      const bytes = new Uint8Array(16)
      viewOf(bytes).setUint32(index % 13, index, true)
      return bytes
    })
    for (const bytes of [...many, ...many]) expect(cache.get(viewOf(bytes), 0, 0)).toBe(hex(bytes))
    expect(made).toBeGreaterThan(10_000)
  })

  it('reads where it is told, within a larger view', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, index) => index)
    const view = new DataView(bytes.buffer, 8)
    expect(new TextCache(hex).get(view, 8, 0)).toBe(hex(bytes.subarray(16, 32)))
  })
})

describe('textOf', () => {
  it.each([
    ['6163650000', 'ace'],
    ['616365', 'ace'],
    ['00616365', ''],
    ['', ''],
    ['67c3b6', 'gö'],
    ['67c3', 'g\ufffd'],
    ['ff', '\ufffd'],
    ['efbbbf61', '\ufeffa'],
  ])('%s is %s', (bytes, text) => {
    expect(textOf(Buffer.from(bytes, 'hex'))).toBe(text)
  })
})
