import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidSpecError } from '../errors.js'
import {
  readArray,
  readBytes,
  readEnum,
  readInt53,
  readIpAddress,
  readText,
  readUint53,
  writeArray,
  writeBytes,
  writeEnum,
  writeText,
} from './record-fields.js'

const viewOf = (hex: string) => {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
  return { bytes, view: new DataView(bytes.buffer) }
}

describe('numbers of 53 bits', () => {
  it('are those of 64 bits, as far as they go', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const view = new DataView(new ArrayBuffer(12))
        view.setBigInt64(4, BigInt(value), true)
        expect(readInt53(view, 4)).toBe(value)
        if (value >= 0) expect(readUint53(view, 4)).toBe(value)
      }),
    )
  })

  it('are near where they do not', () => {
    const { view } = viewOf('ffffffffffffffff')
    expect(readUint53(view, 0)).toBe(2 ** 64)
    expect(readInt53(view, 0)).toBe(-1)
  })
})

describe('text', () => {
  it.each([3, 16, 40])('of %d bytes ends at its first NUL', (size) => {
    const { view } = viewOf(`ff616200${'63'.repeat(50)}`)
    expect(readText(view, 1, size)).toBe('ab')
    expect(readText(view, 4, size)).toBe('c'.repeat(size))
  })

  it('is written with NULs behind it', () => {
    const { bytes, view } = viewOf('ffffffffffff')
    writeText(view, 1, 4, 'ö')
    expect(Buffer.from(bytes).toString('hex')).toBe('ffc3b60000ff')
    expect(() => writeText(view, 1, 4, 'größ')).toThrow(InvalidSpecError)
  })
})

describe('bytes', () => {
  it('are copied, both ways', () => {
    const { bytes, view } = viewOf('010203')
    const read = readBytes(view, 1, 2)
    bytes[1] = 9
    expect([...read]).toEqual([2, 3])
    writeBytes(view, 0, 2, Uint8Array.of(7, 8))
    expect([...bytes]).toEqual([7, 8, 3])
    expect(() => writeBytes(view, 0, 2, Uint8Array.of(1))).toThrow(InvalidSpecError)
  })
})

describe('addresses', () => {
  it('are of the version that their record says', () => {
    const { view } = viewOf('7f000001000000000000000000000001')
    expect(readIpAddress(view, 0, 4)).toBe('127.0.0.1')
    expect(readIpAddress(view, 0, 6)).toBe('7f00:1::1')
    expect(readIpAddress(view, 0, 0)).toBe('')
  })
})

describe('arrays', () => {
  it('are read element by element', () => {
    expect(readArray(3, (index) => index * 2)).toEqual([0, 2, 4])
  })

  it('are written whole: what is too much or too little is an error', () => {
    const written: [string, number][] = []
    writeArray(2, ['a', 'b'], (item, index) => written.push([item, index]))
    expect(written).toEqual([
      ['a', 0],
      ['b', 1],
    ])
    for (const items of [['a'], ['a', 'b', 'c']])
      expect(() => writeArray(2, items, () => undefined)).toThrow(
        new InvalidSpecError(`Cannot write ${items.length} elements where 2 belong`),
      )
  })
})

describe('enums', () => {
  const labels = ['off', 'on'] as const
  it('are labels by their values; a value without one is its digits', () => {
    expect([0, 1, 2, 255].map((value) => readEnum<string>(labels, value))).toEqual(['off', 'on', '2', '255'])
  })

  it('are written by their labels', () => {
    expect(writeEnum(labels, 'on')).toBe(1)
    expect(() => writeEnum<string>(labels, 'broken')).toThrow('Cannot write "broken": it is none of off, on')
  })
})
