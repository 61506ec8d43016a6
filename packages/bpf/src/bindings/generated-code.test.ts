import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blob,
  command,
  commandFields,
  key,
  levelLabels,
  records,
  resultLabels,
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
    expect(sampleFields.find(({ property }) => property === 'result')).toEqual({
      name: 'result',
      property: 'result',
      type: 'Result',
      doc: '',
      optional: false,
      labels: resultLabels,
    })
    expect(sampleFields.filter(({ optional }) => optional).map(({ name }) => name)).toEqual(['word'])
  })
})

describe('the decoder of a record that is as long as what it holds', () => {
  const { at } = layout('command')
  const tail = at('tail')
  const most = 512

  /** A record as C would make it, behind `shift` bytes of something else; and its view. */
  function recordOf(sizes: readonly [number, number, number], bytes: Uint8Array, shift = 0) {
    const buffer = Buffer.alloc(shift + tail + bytes.length, 0xa5)
    buffer.fill(0, shift, shift + tail)
    buffer.writeBigUInt64LE(77n, shift + at('time_ns'))
    buffer.writeUInt32LE(1, shift + at('result'))
    buffer.writeUInt32LE(sizes[0], shift + at('path_size'))
    buffer.writeUInt16LE(sizes[1], shift + at('args_size'))
    buffer.writeUInt8(sizes[2], shift + at('cwd_size'))
    buffer.writeUInt8(3, shift + at('depth'))
    buffer.set(bytes, shift + tail)
    return new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
  }

  const text = (maxLength: number) =>
    fc
      .string({ unit: 'grapheme', maxLength })
      .filter((value) => !value.includes('\0') && Buffer.byteLength(value) <= maxLength)

  it('reads back what a program would have put there', () => {
    const path = text(100)
    const args = fc.array(text(20), { maxLength: 8 })
    fc.assert(
      fc.property(
        path,
        args,
        text(40),
        fc.nat(8),
        fc.nat(7),
        fc.boolean(),
        (path, args, cwd, shift, pad, ended) => {
          const list = args.map((arg) => `${arg}\0`).join('')
          // The last may be cut off where there was no room for its NUL; one that is empty is then not there.
          const isCut = !ended && args.at(-1) !== undefined && args.at(-1) !== ''
          const parts = [path, isCut ? list.slice(0, -1) : list, cwd].map((part) => Buffer.from(part))
          const sizes = parts.map(({ length }) => length) as [number, number, number]
          const bytes = Buffer.concat([...parts, Buffer.alloc(pad, 'x')])
          const view = recordOf(sizes, bytes, shift)
          expect(command.read(view, shift, view.byteLength - shift)).toEqual({
            timeNs: 77,
            result: 'bad',
            depth: 3,
            path,
            args,
            lastCwd: cwd,
          })
        },
      ),
      { numRuns: 200 },
    )
  })

  it('takes as little as what lies before its parts, and says of each what the source says', () => {
    expect(command.size).toBe(tail)
    expect(command.read(recordOf([0, 0, 0], new Uint8Array(0)), 0, tail)).toMatchObject({
      path: '',
      args: [],
      lastCwd: '',
    })
    expect(
      commandFields.map(({ name, property, type, optional }) => [name, property, type, optional]),
    ).toEqual([
      ['time_ns', 'timeNs', 'number', false],
      ['result', 'result', 'Result', false],
      ['depth', 'depth', 'number', false],
      ['path', 'path', 'string', false],
      ['args', 'args', 'readonly string[]', false],
      ['last_cwd', 'lastCwd', 'string', true],
    ])
    expect(commandFields.find(({ property }) => property === 'path')?.doc).toBe(
      'What it is: "a file", it\'s said */ here',
    )
  })

  it('finds malformed what says that it has more than it has, and reads nothing beyond it', () => {
    const near = (end: number) => fc.integer({ min: Math.max(0, end - 3), max: end + 3 })
    const size = (max: number) => fc.oneof(fc.nat(max), fc.constantFrom(0, max, max - 1), fc.nat(20))
    fc.assert(
      fc.property(
        size(0xffff_ffff),
        size(0xffff),
        size(0xff),
        fc.oneof(fc.nat(most + 8), near(most), fc.nat(20)),
        fc.integer(),
        (first, second, third, held, byte) => {
          const bytes = new Uint8Array(held).fill(byte)
          const view = recordOf([first, second, third], bytes)
          const found = command.read(view, 0, view.byteLength)
          const sum = first + second + third
          expect(found === undefined).toBe(sum > held || sum > most)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['that add up to zero in 32 bits', [0xffff_ffff, 1, 0], 8],
    ['of which one is beyond the array, where the record has so many', [513, 0, 0], 520],
    ['that are together beyond the array, where the record has so many', [500, 13, 0], 520],
    ['that are one beyond the record', [3, 3, 3], 8],
  ] as [string, [number, number, number], number][])('finds malformed sizes %s', (_, sizes, held) => {
    const view = recordOf(sizes, new Uint8Array(held))
    expect(command.read(view, 0, view.byteLength)).toBeUndefined()
  })

  it('copies bytes, which hold a NUL as well', () => {
    const bytes = Uint8Array.of(3, 0, 0, 0, 1, 0, 2, 9)
    const found = blob.read(new DataView(bytes.buffer), 0, 8)
    bytes.fill(7)
    expect(found).toEqual({ bytes: Uint8Array.of(1, 0, 2) })
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
