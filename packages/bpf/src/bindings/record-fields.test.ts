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
  readTexts,
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

describe('texts', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['61', ['a']],
    ['6100', ['a']],
    ['610062', ['a', 'b']],
    ['00', ['']],
    ['0000', ['', '']],
    ['61000062', ['a', '', 'b']],
    // What is not UTF-8: a byte that begins nothing, and a character that its NUL cuts off.
    ['ff00', ['\ufffd']],
    ['c3006100', ['\ufffd', 'a']],
    ['e28200e282', ['\ufffd', '\ufffd']],
    ['efbbbf6100', ['\ufeffa']],
  ])('that are %s', (hex, expected) => {
    const { view } = viewOf(`ff${hex}41`)
    expect(readTexts(view, 1, hex.length / 2)).toEqual(expected)
  })

  it('are each decoded as if it stood alone', () => {
    const byte = fc.oneof(fc.constantFrom(0, 0x61, 0xc3, 0xb6, 0xe2, 0xf0, 0x80), fc.nat(255))
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (list) => {
        const bytes = Uint8Array.from(list)
        const expected: string[] = []
        for (let start = 0; start < bytes.length; ) {
          const nul = bytes.indexOf(0, start)
          const end = nul < 0 ? bytes.length : nul
          expected.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end)))
          start = end + 1
        }
        expect(readTexts(new DataView(bytes.buffer), 0, bytes.length)).toEqual(expected)
      }),
      { numRuns: 1000 },
    )
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
