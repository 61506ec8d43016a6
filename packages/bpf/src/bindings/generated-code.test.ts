import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  key,
  levelLabels,
  records,
  sample,
  sampleFields,
  value_ as valueCodecOfMap,
} from '../../../../test/fixtures/records.bpf.js'
import { fixtureObject, fixtureText } from '../../../../test/support/fixtures.js'
import { InvalidSpecError } from '../errors.js'
import { formatIpAddress } from './ip-address.js'

interface BpftoolStruct {
  readonly kind: string
  readonly name: string
  readonly size: number
  readonly members: readonly { readonly name: string; readonly bits_offset: number }[]
}

/** Where bpftool has the members of a struct, in bytes. */
function layout(struct: string) {
  const found = fixtureText('records.btf.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as BpftoolStruct)
    .find(({ kind, name }) => kind === 'STRUCT' && name === struct)
  return {
    size: found?.size ?? 0,
    at: (member: string) =>
      (found?.members.find(({ name }) => name === member)?.bits_offset ?? Number.NaN) / 8,
  }
}

/** `char[]` as a C programmer reads it. */
function cText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end < 0 ? bytes.length : end))
}

describe('the decoder of a record', () => {
  const { size, at } = layout('sample')

  it('reads each field from its place, as C has it in memory', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: size + 3, maxLength: size + 3 }),
        fc.constantFrom(4, 6, 0),
        fc.nat(3),
        fc.nat(2),
        (bytes, family, result, shift) => {
          bytes[shift + at('family')] = family
          bytes.fill(0, shift + at('result'), shift + at('result') + 4)
          bytes[shift + at('result')] = result
          const view = new DataView(bytes.buffer, shift)
          const part = (name: string, length: number) =>
            Uint8Array.from(bytes.subarray(shift + at(name), shift + at(name) + length))
          const point = (offset: number) => ({
            x: view.getInt32(offset, true),
            y: view.getInt32(offset + 4, true),
          })
          const tiny = (byte: number) => ['one', 'two'][byte] ?? `${byte}`
          expect(sample.read(view, 0)).toEqual({
            wide: view.getBigUint64(at('wide'), true),
            signedWide: view.getBigInt64(at('signed_wide'), true),
            count: Number(view.getBigUint64(at('count'), true)),
            balance: Number(view.getBigInt64(at('balance'), true)),
            word: view.getUint32(at('word'), true),
            signedWord: view.getInt32(at('signed_word'), true),
            half: view.getUint16(at('half'), true),
            signedHalf: view.getInt16(at('signed_half'), true),
            byte: view.getUint8(at('byte')),
            signedByte: view.getInt8(at('signed_byte')),
            flag: view.getUint8(at('flag')) !== 0,
            family,
            result: ['good', 'bad', 'unknown', '3'][result],
            tiny: tiny(view.getUint8(at('tiny'))),
            comm: cText(part('comm', 16)),
            path: cText(part('path', 40)),
            address: formatIpAddress(part('address', 16), family),
            hash: part('hash', 20),
            numbers: [0, 4, 8].map((offset) => view.getUint32(at('numbers') + offset, true)),
            wides: [0, 8].map((offset) => view.getBigUint64(at('wides') + offset, true)),
            counts: [0, 8].map((offset) => Number(view.getBigUint64(at('counts') + offset, true))),
            point: point(at('point')),
            points: [point(at('points')), point(at('points') + 8)],
            tinies: [...part('tinies', 3)].map(tiny),
            words: [cText(part('words', 8)), cText(part('words', 16).subarray(8))],
            matrix: [0, 4].map((row) =>
              [0, 2].map((column) => view.getInt16(at('matrix') + row + column, true)),
            ),
            flags: part('flags', 2),
            pointer: view.getBigUint64(at('pointer'), true),
            real: part('real', 8),
            either: part('either', 4),
            trailing: view.getUint32(at('__trailing'), true),
          })
        },
      ),
      { numRuns: 200 },
    )
  })

  it('takes as many bytes as the struct, and says of each field what the source says', () => {
    expect(sample.size).toBe(size)
    expect(sampleFields.find(({ property }) => property === 'balance')).toEqual({
      name: 'balance',
      property: 'balance',
      type: 'number',
      doc: 'It may be negative: "less than nothing", it\'s said */ here',
      optional: false,
    })
    expect(sampleFields.filter(({ optional }) => optional).map(({ name }) => name)).toEqual(['word'])
  })
})

describe('the codecs of a map', () => {
  const text = (size: number) =>
    fc
      .string({ unit: 'grapheme', maxLength: size })
      .filter((value) => !value.includes('\0') && Buffer.byteLength(value) <= size)
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
  const point = fc.record({ x: fc.integer(), y: fc.integer() }, { noNullPrototype: true })

  it('write a key as C has it in memory, and read it back', () => {
    const { size, at } = layout('key')
    const results = ['good', 'bad', 'unknown'] as const
    fc.assert(
      fc.property(u32, fc.constantFrom(...results), text(16), (pid, result, comm) => {
        const expected = Buffer.alloc(size)
        expected.writeUInt32LE(pid, at('pid'))
        expected.writeUInt32LE(results.indexOf(result), at('result'))
        expected.write(comm, at('comm'))
        const bytes = Buffer.alloc(size)
        const view = new DataView(bytes.buffer, bytes.byteOffset, size)
        key.write(view, 0, { pid, result, comm })
        expect(bytes).toEqual(expected)
        expect(key.read(view, 0)).toEqual({ pid, result, comm })
      }),
      { numRuns: 150 },
    )
  })

  it('write a value as C has it in memory, and read it back', () => {
    const { size, at } = layout('value')
    const values = fc.record(
      {
        count: fc.maxSafeInteger().map(Math.abs),
        wide: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        balance: fc.maxSafeInteger(),
        hash: fc.uint8Array({ minLength: 4, maxLength: 4 }),
        flag: fc.boolean(),
        points: fc.array(point, { minLength: 2, maxLength: 2 }),
        numbers: fc.array(fc.nat(0xffff), { minLength: 3, maxLength: 3 }),
        words: fc.array(text(8), { minLength: 2, maxLength: 2 }),
      },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(values, (value) => {
        const expected = Buffer.alloc(size)
        expected.writeBigUInt64LE(BigInt(value.count), at('count'))
        expected.writeBigUInt64LE(value.wide, at('wide'))
        expected.writeBigInt64LE(BigInt(value.balance), at('balance'))
        expected.set(value.hash, at('hash'))
        expected.writeUInt8(value.flag ? 1 : 0, at('flag'))
        for (const [index, { x, y }] of value.points.entries()) {
          expected.writeInt32LE(x, at('points') + index * 8)
          expected.writeInt32LE(y, at('points') + index * 8 + 4)
        }
        for (const [index, number] of value.numbers.entries())
          expected.writeUInt16LE(number, at('numbers') + index * 2)
        for (const [index, word] of value.words.entries()) expected.write(word, at('words') + index * 8)
        const bytes = Buffer.alloc(size)
        const view = new DataView(bytes.buffer, bytes.byteOffset, size)
        valueCodecOfMap.write(view, 0, value)
        expect(bytes).toEqual(expected)
        expect(valueCodecOfMap.read(view, 0)).toEqual(value)
      }),
      { numRuns: 150 },
    )
  })

  it('refuse what does not fit', () => {
    const view = new DataView(new ArrayBuffer(24))
    expect(() => key.write(view, 0, { pid: 1, result: 'good', comm: 'x'.repeat(17) })).toThrow(
      InvalidSpecError,
    )
  })
})

describe('the object that is exported', () => {
  it('reads the object file beside it', () => {
    expect([...records.spec().programs.keys()].sort()).toEqual(
      [...fixtureObject('records').programs.keys()].sort(),
    )
    expect(levelLabels).toEqual(['low', 'high'])
  })
})
