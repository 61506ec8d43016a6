import { describe, expect, it } from 'vitest'
import { fixtureObject } from '../../../../test/support/fixtures.js'
import { InvalidSpecError, NotFoundError } from '../errors.js'
import { type ConstantValue, constantReader, constantsOf, setConstant } from './constants.js'
import type { ObjectSpec } from './object-spec.js'

/** The bytes of a constant. */
function bytesOf(spec: ObjectSpec, name: string): string {
  const variable = constantsOf(spec).get(name)
  const bytes = spec.data.get(variable?.section ?? '')?.bytes
  const [offset, size] = [variable?.offset ?? 0, variable?.size ?? 0]
  return Buffer.from(bytes?.subarray(offset, offset + size) ?? []).toString('hex')
}

describe('the constants of an object', () => {
  it('are the variables of its read-only data', () => {
    expect([...constantsOf(fixtureObject('data')).keys()].sort()).toEqual(
      [
        ...['flag', 'unsigned8', 'signed8', 'unsigned16', 'signed16', 'unsigned32', 'signed32', 'unsigned64'],
        ...[
          'signed64',
          'level',
          'distance',
          'wide',
          'text',
          'bytes',
          'numbers',
          'pair',
          'unset',
          'elsewhere',
        ],
      ].sort(),
    )
  })

  it.each<[string, ConstantValue, string]>([
    ['flag', false, '00'],
    ['unsigned8', 255, 'ff'],
    ['signed8', -128, '80'],
    ['unsigned16', 0x1234, '3412'],
    ['signed16', -2, 'feff'],
    ['unsigned32', 0x12345678, '78563412'],
    ['signed32', -1n, 'ffffffff'],
    ['unsigned64', 0x0123456789abcdefn, 'efcdab8967452301'],
    ['signed64', -2, 'feffffffffffffff'],
    ['level', 'high', '02'],
    ['distance', 'near', 'ffffffff'],
    ['distance', 'far', 'ffffff7f'],
    ['wide', 'most', '1032547698badcfe'],
    ['text', 'größe', `6772c3b6c39f65${'00'.repeat(9)}`],
    ['bytes', Uint8Array.of(9, 8, 7, 6), '09080706'],
    ['numbers', [1, 2], '010002000000'],
    ['unset', 1, '01000000'],
    ['elsewhere', 77, '4d000000'],
  ])('%s can be set to %o', (name, value, hex) => {
    const spec = fixtureObject('data')
    setConstant(spec, name, value)
    expect(bytesOf(spec, name)).toBe(hex)
  })

  it('are set one at a time: their neighbours stay', () => {
    const spec = fixtureObject('data')
    const before = new Map([...constantsOf(spec).keys()].map((name) => [name, bytesOf(spec, name)]))
    setConstant(spec, 'unsigned16', 1)
    for (const [name, hex] of before) expect(bytesOf(spec, name)).toBe(name === 'unsigned16' ? '0100' : hex)
  })

  it('may be named as in C or as in TypeScript', () => {
    for (const name of ['min_latency_us', 'minLatencyUs']) {
      const spec = fixtureObject('records')
      setConstant(spec, name, 7)
      expect(bytesOf(spec, 'min_latency_us')).toBe('0700000000000000')
    }
  })

  it.each<[string, ConstantValue, string]>([
    ['unsigned8', 256, 'Cannot set constant unsigned8: Cannot write 256: u8 holds 0 to 255'],
    ['flag', 1, 'where true or false belongs'],
    ['text', 'seventeen letters', 'it is longer than 16 bytes'],
    [
      'level',
      'highest',
      'Cannot set constant level: Cannot write "highest": it is none of low, middle, high',
    ],
    ['bytes', Uint8Array.of(1), 'Cannot write 1 bytes where 4 belong'],
    ['numbers', [1, 2, 3, 4], 'an array of more than 3 elements'],
  ])('%s cannot be set to %o', (name, value, message) => {
    const spec = fixtureObject('data')
    expect(() => setConstant(spec, name, value)).toThrow(InvalidSpecError)
    expect(() => setConstant(spec, name, value)).toThrow(message)
  })

  it('are as they were when a value is refused halfway', () => {
    const spec = fixtureObject('data')
    const before = bytesOf(spec, 'numbers')
    expect(() => setConstant(spec, 'numbers', [1, 65536])).toThrow(InvalidSpecError)
    expect(bytesOf(spec, 'numbers')).toBe(before)
  })

  it('do not include what programs may write, nor what there is not', () => {
    const spec = fixtureObject('data')
    for (const name of ['counter', 'nothing', 'Flag', '__proto__'])
      expect(() => setConstant(spec, name, 1)).toThrow(NotFoundError)
    expect(() => setConstant(fixtureObject('maps'), 'pid', 1)).toThrow('the object has none')
  })

  it('cannot be set where their section was taken out', () => {
    const spec = fixtureObject('data')
    const constants = spec.data.get('.rodata')
    spec.data.set('.rodata', {
      ...(constants ?? { name: '', variables: new Map() }),
      readOnly: true,
      bytes: new Uint8Array(),
    })
    expect(() => setConstant(spec, 'unsigned64', 1)).toThrow(InvalidSpecError)
  })

  it('cannot be set where their type is larger than their place', () => {
    const spec = fixtureObject('data')
    const constants = spec.data.get('.rodata')
    const text = constants?.variables.get('text')
    const variables = new Map(constants?.variables)
    if (text !== undefined) variables.set('text', { ...text, size: 2 })
    if (constants !== undefined) spec.data.set('.rodata', { ...constants, variables })
    expect(() => setConstant(spec, 'text', 'x')).toThrow('its type takes 16 bytes, and its place is 2')
  })
})

describe('constantReader', () => {
  const spec = fixtureObject('data')
  const offsetOf = (name: string) => constantsOf(spec).get(name)?.offset ?? -1
  const read = constantReader(spec)

  it('gives little-endian numbers of any size', () => {
    expect(read('.rodata', offsetOf('unsigned64'), 8)).toBe(0xfedcba9876543210n)
    expect(read('.rodata', offsetOf('unsigned64') + 1, 1)).toBe(0x32n)
    expect(read('.rodata', offsetOf('signed16'), 2)).toBe(0x8ad0n)
    expect(read('.rodata.more', 0, 4)).toBe(5n)
  })

  it('gives nothing of what is not constant, not all there, or nowhere', () => {
    const size = spec.data.get('.rodata')?.bytes.length ?? 0
    for (const [section, offset, bytes] of [
      ['.data', 0, 4],
      ['.bss', 0, 4],
      ['.text', 0, 4],
      ['.rodata', -1, 4],
      ['.rodata', size - 3, 4],
      ['.rodata', 2 ** 60, 1],
    ] as const)
      expect(read(section, offset, bytes)).toBeUndefined()
    expect(read('.rodata', size - 4, 4)).toBeDefined()
  })
})
