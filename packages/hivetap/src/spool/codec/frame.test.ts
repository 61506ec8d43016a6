import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchOf, epochOf } from '../../../../../test/support/spool.js'
import type { SpoolBatch } from '../spool.js'
import { decodeFrame, encodeFrame, planFrame } from './frame.js'
import { HEADER_BYTES, readHeader, writeHeader } from './frame-header.js'
import { decodeSegmentHeader, encodeSegmentHeader } from './segment-header.js'
import { step } from './segment-walk.js'
import { decodeState, encodeState } from './state.js'

const record = fc.record({
  kind: fc.constantFrom('event' as const, 'ledger' as const),
  tool: fc.string({ maxLength: 20 }),
  timeMs: fc.double({ noNaN: true }),
  value: fc.uint8Array({ maxLength: 200 }),
})
const batch = fc
  .record({
    epoch: fc.uuid(),
    firstSequence: fc.nat(),
    records: fc.array(record, { minLength: 1, maxLength: 20 }),
    position: fc.option(fc.bigInt(0n, 2n ** 64n - 1n), { nil: undefined }),
  })
  .map(({ position, ...rest }): SpoolBatch => ({ ...rest, ...(position === undefined ? {} : { position }) }))

function frameOf(value: SpoolBatch, place = 0): Buffer {
  return encodeFrame(value, planFrame(value.records), place, 0)
}

describe('a frame', () => {
  it('tells the batch that was written', () => {
    fc.assert(
      fc.property(batch, (value) => {
        const bytes = frameOf(value)
        const found = step(bytes, 0, bytes.length)
        expect(found).toMatchObject({ kind: 'frame', next: bytes.length })
        if (found.kind !== 'frame') return
        const read = decodeFrame(bytes, 0, found.header)
        expect({
          ...read,
          records: read?.records.map((one) => ({ ...one, value: new Uint8Array(one.value) })),
        }).toEqual(value)
      }),
    )
  })

  it('has the bytes that docs/spool.md tells', () => {
    const value: SpoolBatch = {
      epoch: '00112233-4455-6677-8899-aabbccddeeff',
      firstSequence: 2 ** 33 + 1,
      records: [{ kind: 'ledger', tool: 'x', timeMs: 1, value: Buffer.from('{}') }],
      position: 3n,
    }
    const body = Buffer.from(
      `0100${'0178'}${'01'}${'0000'}${'02000000'}${'000000000000f03f'}${'7b7d'}`,
      'hex',
    )
    const length = 144 + body.length
    const crc = Buffer.alloc(4)
    crc.writeUInt32LE(crc32c(body))
    const hex = (magic: string) =>
      `ff4854${magic}01010000${length.toString(16)}00000001000000` +
      `00112233445566778899aabbccddeeff${'0100000002000000'}${'0000000002000000'}${'0000000000000000'}` +
      `0300000000000000${crc.toString('hex')}`
    const bytes = encodeFrame(value, planFrame(value.records), 2 ** 33, 0)
    expect(bytes.subarray(0, 68).toString('hex')).toBe(hex('46'))
    expect(bytes.subarray(72, -72)).toEqual(body)
    expect(bytes.subarray(-72, -4).toString('hex')).toBe(hex('45'))
    expect(bytes.readUInt32LE(68)).toBe(crc32c(bytes.subarray(0, 68)))
  })

  it('with any bit flipped says which records it had, and never others', () => {
    const value = batchOf(epochOf(1), 7, 4)
    const bytes = frameOf(value, 7)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const found = step(flipped, 0, flipped.length)
      const inHeader = bit < HEADER_BYTES * 8 || bit >= (bytes.length - HEADER_BYTES) * 8
      expect(found).toMatchObject({
        kind: inHeader ? 'frame' : 'damaged',
        header: { epoch: value.epoch, firstSequence: 7, count: 4, place: 7 },
        next: bytes.length,
      })
    }
  })

  it('cut at any byte is torn', () => {
    const bytes = frameOf(batchOf(epochOf(1), 0, 3))
    for (let size = 1; size < bytes.length; size++)
      expect(step(bytes.subarray(0, size), 0, size)).toEqual({ kind: 'end', left: size, torn: true })
  })

  it('refuses a tool with a name of more than 255 bytes', () => {
    const records = [{ kind: 'event' as const, tool: 'ä'.repeat(128), timeMs: 0, value: Buffer.alloc(0) }]
    expect(() => planFrame(records)).toThrow(RangeError)
  })
})

/** Frames with bytes put in, taken out and changed. */
const hostile = fc
  .tuple(
    fc.array(batch, { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 90 }), fc.nat(40)), { maxLength: 6 }),
  )
  .map(([batches, edits]) => {
    let bytes = Buffer.concat(batches.map((value) => frameOf(value)))
    for (const [where, put, cut] of edits) {
      const at = where % (bytes.length + 1)
      bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)])
    }
    return bytes
  })

describe('hostile bytes', () => {
  it('are walked through to the end, each step further', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          for (let at = 0; ; ) {
            const found = step(bytes, at, bytes.length - at)
            if (found.kind === 'end') return
            if (found.kind === 'more') throw new Error('all of it was given')
            expect(found.next).toBeGreaterThan(at)
            expect(found.next).toBeLessThanOrEqual(bytes.length)
            if (found.kind === 'frame') decodeFrame(bytes, at, found.header)
            at = found.next
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('in a body whose checksum is right are no records, or as many as the header says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(2 ** 32 - 2), (body, count) => {
        const length = body.length + 2 * HEADER_BYTES
        const bytes = Buffer.alloc(length)
        bytes.set(body, HEADER_BYTES)
        const header = {
          ...{ length, count: count + 1, epoch: epochOf(1), firstSequence: 0, place: 0, runPlace: 0 },
          ...{ ringPosition: undefined, bodyCrc: crc32c(body) },
        }
        writeHeader(bytes, 0, 'before', header)
        const read = decodeFrame(bytes, 0, header)
        if (read !== undefined) expect(read.records).toHaveLength(count + 1)
      }),
    )
  })

  it('with a right checksum and numbers that cannot be are no header', () => {
    const bytes = frameOf(batchOf(epochOf(1), 0, 1))
    const header = readHeader(bytes, 0, 'before')
    if (header === undefined) throw new Error('no header')
    for (const wrong of [
      { count: 0 },
      { length: 143 },
      { length: 2 ** 31 },
      { place: 2 ** 53 },
      { firstSequence: 2 ** 60 },
      { place: 1, runPlace: 2 },
      { place: 5, runPlace: 0, firstSequence: 4 },
    ]) {
      writeHeader(bytes, 0, 'before', { ...header, ...wrong })
      expect(readHeader(bytes, 0, 'before')).toBeUndefined()
    }
  })

  it('are searched once: ten thousand headers of frames that are not there take no longer than their bytes', () => {
    const header = {
      ...{ length: 2 ** 24, count: 1, epoch: epochOf(1), firstSequence: 0, place: 0, runPlace: 0 },
      ...{ ringPosition: undefined, bodyCrc: 0 },
    }
    const count = 10_000
    const bytes = Buffer.alloc(count * HEADER_BYTES)
    for (let index = 0; index < count; index++)
      writeHeader(bytes, index * HEADER_BYTES, index % 2 === 0 ? 'before' : 'behind', header)
    let steps = 0
    for (let at = 0; ; steps++) {
      const found = step(bytes, at, bytes.length - at)
      if (found.kind === 'end' || found.kind === 'more') break
      at = found.next
    }
    expect(steps).toBeLessThanOrEqual(count)
  })
})

describe('a segment header and a state', () => {
  const run = { epoch: epochOf(3), place: 5, firstSequence: 2 ** 40 }

  it('tell what was written, and with any bit flipped nothing', () => {
    const header = { place: 9, run, ringPosition: 77n }
    const state = {
      ...{ generation: 3, place: 20, ringPosition: 5n, runs: [run] },
      lost: [{ from: 6, to: 8, reason: 'spool_age' as const }],
      cursors: new Map([['kafka', 9]]),
    }
    for (const [bytes, decode, value] of [
      [encodeSegmentHeader(header), decodeSegmentHeader, header],
      [encodeState(state), decodeState, state],
    ] as const) {
      expect(decode(bytes)).toEqual(value)
      // The last four bytes of a segment's header say nothing.
      const meaning = decode === decodeState ? bytes.length : 60
      for (let bit = 0; bit < meaning * 8; bit++) {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(decode(flipped)).toBeUndefined()
      }
    }
  })

  it('of hostile bytes are none, or one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        const bytes = Buffer.from(tail)
        decodeSegmentHeader(bytes)
        if (bytes.length >= 48) {
          bytes.set([0xff, 0x48, 0x54, 0x43, 1], 0)
          bytes.writeUInt32LE(bytes.length, 8)
          bytes.writeUInt32LE(0, 20)
          bytes.writeUInt32LE(crc32c(bytes), 20)
        }
        decodeState(bytes)
      }),
    )
  })
})
