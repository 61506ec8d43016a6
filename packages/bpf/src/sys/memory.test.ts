import { describe, expect, it } from 'vitest'
import { allocate, cString, memoryOf } from './memory.js'

describe('memory', () => {
  it('is zero, and of the size that was asked for', () => {
    const { bytes, view } = allocate(24)
    expect([...bytes]).toEqual(Array(24).fill(0))
    expect(view.byteLength).toBe(24)
    view.setUint32(4, 0x01020304, true)
    expect([...bytes.subarray(4, 8)]).toEqual([4, 3, 2, 1])
  })

  it('has an address also where it has no bytes', () => {
    const { bytes, address } = allocate(0)
    expect(bytes.byteLength).toBe(0)
    expect(address).toBeGreaterThan(0n)
  })

  it('is a copy of bytes, not their own', () => {
    const given = Uint8Array.of(1, 2, 3)
    const { bytes } = memoryOf(given)
    given[0] = 9
    expect([...bytes]).toEqual([1, 2, 3])
  })

  it('holds text with a NUL behind it, in UTF-8', () => {
    expect([...cString('aé').bytes]).toEqual([0x61, 0xc3, 0xa9, 0])
    expect([...cString('').bytes]).toEqual([0])
  })
})
