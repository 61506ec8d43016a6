import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Codec } from '../btf/value-codec.js'
import { s8, s16, s32, s64, u8, u16, u32, u64 } from './scalars.js'

const CODECS: readonly (readonly [string, Codec<number> | Codec<bigint>, boolean, bigint])[] = [
  ['u8', u8, false, 8n],
  ['u16', u16, false, 16n],
  ['u32', u32, false, 32n],
  ['u64', u64, false, 64n],
  ['s8', s8, true, 8n],
  ['s16', s16, true, 16n],
  ['s32', s32, true, 32n],
  ['s64', s64, true, 64n],
]

describe.each(CODECS)('%s', (_, codec, signed, bits) => {
  const [min, max] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n]

  it('writes little-endian bytes at any offset, and reads them back', () => {
    expect(codec.size).toBe(Number(bits / 8n))
    fc.assert(
      fc.property(fc.bigInt({ min, max }), fc.nat(5), (value, offset) => {
        const bytes = new Uint8Array(16)
        const view = new DataView(bytes.buffer)
        if (bits === 64n) (codec as Codec<bigint>).write(view, offset, value)
        else (codec as Codec<number>).write(view, offset, Number(value))
        let expected = 0n
        for (let index = codec.size - 1; index >= 0; index--)
          expected = (expected << 8n) | BigInt(bytes[offset + index] ?? 0)
        expect(expected).toBe(BigInt.asUintN(Number(bits), value))
        expect(
          bytes.filter((byte, index) => byte !== 0 && (index < offset || index >= offset + codec.size)),
        ).toHaveLength(0)
        expect(BigInt(codec.read(view, offset))).toBe(value)
      }),
    )
  })
})
