import { InvalidSpecError } from '@hivetap/bpf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRecord, encodeRecord, type RunRecord } from './record.js'

const RECORD: RunRecord = {
  epoch: '5d3c1a52-9b0e-4c8e-8a55-0f3f6f1b7a11',
  since: 1_700_000_000_000,
  version: '1.2.3',
  tools: [
    {
      name: 'tcpconnlat',
      rung: 'tp_btf',
      sizes: { entries: 10_240, bufferBytes: 2 << 20 },
      identity: 'a'.repeat(64),
      layout: 'b'.repeat(64),
      options: { failed: true, port: [80, 443] },
      programs: ['stateTpBtf'],
    },
  ],
}
const tool = RECORD.tools[0] as RunRecord['tools'][number]

/** An encoded record with other JSON in it. */
function withText(text: string): Uint8Array {
  const encoded = encodeRecord(RECORD)
  const bytes = new TextEncoder().encode(text)
  new DataView(encoded.buffer).setUint32(12, bytes.byteLength, true)
  encoded.set(bytes, 16)
  return encoded
}

describe('the record of what is pinned', () => {
  it('is read as it was written', () => {
    expect(decodeRecord(encodeRecord(RECORD))).toEqual(RECORD)
    expect(encodeRecord(RECORD)).toHaveLength(16 << 10)
  })

  it('holds no more than fits', () => {
    const tools = [{ ...tool, options: { name: 'x'.repeat(16 << 10) } }]
    expect(() => encodeRecord({ ...RECORD, tools })).toThrow(InvalidSpecError)
  })

  it('is refused of another layout, with both numbers', () => {
    const encoded = encodeRecord(RECORD)
    encoded[8] = 9
    expect(() => decodeRecord(encoded)).toThrow('What is pinned there is laid out as 9, this hivetap knows 1')
  })

  it.each([
    ['no JSON', '{'],
    ['another value', '7'],
    ['no epoch', JSON.stringify({ ...RECORD, epoch: 'today' })],
    ['a name that leads elsewhere', JSON.stringify({ ...RECORD, tools: [{ ...tool, name: '../../etc' }] })],
    [
      'a program that leads elsewhere',
      JSON.stringify({ ...RECORD, tools: [{ ...tool, programs: ['a/../b'] }] }),
    ],
    ['an unknown rung', JSON.stringify({ ...RECORD, tools: [{ ...tool, rung: 'kprobe' }] })],
  ])('is refused with %s', (_, text) => {
    expect(() => decodeRecord(withText(text))).toThrow(
      new InvalidSpecError('The record of what is pinned there is damaged'),
    )
  })

  it('is read or refused, whatever is written there', () => {
    const encoded = encodeRecord(RECORD)
    const change = fc.tuple(fc.nat(encoded.byteLength - 1), fc.nat(255))
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(encoded.byteLength),
        (changes, length) => {
          const bytes = encoded.slice()
          for (const [at, byte] of changes) bytes[at % 600] = byte
          try {
            decodeRecord(bytes.subarray(0, length))
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidSpecError)
          }
        },
      ),
    )
  })
})
