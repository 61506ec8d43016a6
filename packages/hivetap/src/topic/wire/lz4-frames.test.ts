import { compressionsAlgorithmsByBitmask } from '@platformatic/kafka'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lz4Frames } from './lz4-frames.js'

const library = compressionsAlgorithmsByBitmask[3] as NonNullable<
  (typeof compressionsAlgorithmsByBitmask)[number]
>
const packed = (content: Uint8Array) => Buffer.from(library.compressSync(Buffer.from(content)))
const unpacked = (frame: Buffer) => Buffer.from(library.decompressSync(frame))
const expanded = (frame: Buffer) => {
  const content = new Lz4Frames(2 ** 30).expand(frame)
  return content === undefined ? undefined : Buffer.from(content)
}

/** What holds much of itself, near and far, and what holds nothing of itself. */
const part = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(400))
    .map(([each, times]) => Buffer.alloc(each.length * times, each)),
  fc.constantFrom('{"version":1,"event_id":"', 'x'.repeat(70_000), '{"a":"b"}'.repeat(9000)).map(Buffer.from),
)
// The library cannot compress nothing.
const content = fc.array(part, { maxLength: 12 }).map((parts) => Buffer.concat([...parts, Buffer.from('.')]))

/** The head of a frame; its checksum is the library's. */
function frame(flags: number, blocks: readonly Buffer[]): Buffer {
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, 0x40, HEAD_SUMS[flags] ?? 0])
  const lengths = blocks.map((block) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(block.length)
    return Buffer.concat([length, block])
  })
  return Buffer.concat([head, ...lengths, Buffer.alloc(4)])
}

/** Of flags with blocks of 64 KB. */
const HEAD_SUMS: Readonly<Record<number, number>> = { 64: 0xc0, 96: 0x82 }

describe('a frame of LZ4', () => {
  it('is expanded to what was compressed', () => {
    const frames = new Lz4Frames(2 ** 30)
    fc.assert(
      fc.property(content, (bytes) => {
        expect(Buffer.compare(frames.expand(packed(bytes)) as Buffer, bytes)).toBe(0)
      }),
    )
  })

  it('may take what is repeated from blocks before, where its blocks are not apart', () => {
    // Six literals, then 10 bytes of them by 6 back, then one more literal; and the second goes on with what the first left.
    const blocks = [
      Buffer.from([0x66, ...Buffer.from('abcdef'), 6, 0, 0x10, ...Buffer.from('.')]),
      Buffer.from([0x04, 17, 0, 0x20, ...Buffer.from('!\n')]),
    ]
    const together = frame(0x40, blocks)
    expect(unpacked(together).toString()).toBe('abcdefabcdefabcd.abcdefab!\n')
    expect(expanded(together)?.toString()).toBe('abcdefabcdefabcd.abcdefab!\n')
    const apart = frame(0x60, blocks)
    expect(() => unpacked(apart)).toThrow()
    expect(() => expanded(apart)).toThrow(RangeError)
  })

  it('is left to others, if it has checksums or a dictionary, or is none', () => {
    for (const flags of [0x44, 0x50, 0x41, 0x42, 0x20, 0xe0])
      expect(expanded(frame(flags, []))).toBeUndefined()
    expect(expanded(Buffer.from('no frame'))).toBeUndefined()
    expect(expanded(Buffer.alloc(0))).toBeUndefined()
  })

  it('is held to the length that it tells', () => {
    const one = packed(Buffer.from('twelve bytes'))
    const told = (length: number) => {
      const bytes = Buffer.concat([one.subarray(0, 6), Buffer.alloc(8), one.subarray(6)])
      bytes[4] = (bytes[4] as number) | 0x08
      bytes.writeBigUInt64LE(BigInt(length), 6)
      return bytes
    }
    expect(expanded(told(12))?.toString()).toBe('twelve bytes')
    expect(() => expanded(told(13))).toThrow(RangeError)
  })

  it('is given up once it is longer than may be', () => {
    const frames = new Lz4Frames(1_000_000)
    const bomb = packed(Buffer.alloc(20_000_000))
    expect(() => frames.expand(bomb)).toThrow('It is more than 1000000 bytes once decompressed.')
    expect(frames.expand(packed(Buffer.from('and the next')))?.toString()).toBe('and the next')
  })

  it('is cut anywhere, and refused', () => {
    const whole = packed(Buffer.from('{"a":"b"}'.repeat(20)))
    for (let length = 7; length < whole.length; length++)
      expect(() => expanded(whole.subarray(0, length))).toThrow(RangeError)
  })

  it('is refused, or what the library makes of it too, whatever its bytes are', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(content, fc.array(change, { maxLength: 4 }), (bytes, changes) => {
        const spoilt = packed(bytes.subarray(0, 3000))
        // Behind the head: its checksum is not looked at here.
        for (const [at, byte] of changes) spoilt[7 + (at % (spoilt.length - 7))] = byte
        const [own, theirs] = [expanded, unpacked].map((expand) => {
          try {
            return expand(spoilt)
          } catch (error) {
            if (expand === expanded) expect(error).toBeInstanceOf(RangeError)
            return undefined
          }
        })
        // It follows offsets that point nowhere, too: what it makes of those is no content.
        if (own !== undefined) expect(own).toEqual(theirs)
      }),
      { numRuns: 300 },
    )
  })

  it('writes nothing outside of its memory, and shows nothing that it did not write', () => {
    const frames = new Lz4Frames(2 ** 30)
    frames.expand(packed(Buffer.alloc(3000, 'secret')))
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (block) => {
        const one = frame(0x60, [Buffer.from(block)])
        try {
          const found = frames.expand(one) as Buffer
          expect(found.toString('latin1')).not.toContain('secret')
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
