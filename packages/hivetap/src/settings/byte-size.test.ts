import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatByteSize, parseByteSize } from './byte-size.js'
import { byteSizeSetting } from './byte-size-setting.js'

describe('a size as people write it', () => {
  it.each([
    ['4096', 4096],
    ['4096B', 4096],
    ['64KiB', 65_536],
    ['10MB', 10_000_000],
    ['1.5GiB', 1_610_612_736],
    ['0', 0],
    ['2TiB', 2_199_023_255_552],
  ])('%s', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes)
  })

  it.each(['', '1gb', '1 GiB', '-1', '1e9', 'GiB', '1KB', `${'9'.repeat(40)}TiB`, '0x10'])(
    '%s is none',
    (text) => {
      expect(() => parseByteSize(text)).toThrow('is a size such as')
    },
  )

  it('is read as it was told', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (bytes) => {
        expect(parseByteSize(formatByteSize(bytes))).toBe(bytes)
      }),
    )
  })

  it('has bounds as a setting, which takes a number too', () => {
    const setting = byteSizeSetting('4KiB', '1GiB')
    expect(setting.parse(4096)).toBe(4096)
    expect(setting.parse('1GiB')).toBe(2 ** 30)
    const told = [4095, '2GiB', '1gb', true].map(
      (value) => setting.safeParse(value).error?.issues[0]?.message,
    )
    expect(told).toEqual([
      'is a size from 4KiB to 1GiB, not 4095',
      'is a size from 4KiB to 1GiB, not 2GiB',
      expect.stringContaining('is a size such as'),
      expect.stringContaining('is a size such as'),
    ])
  })
})
