import { describe, expect, it } from 'vitest'
import { type Instruction, instruction } from '../asm/instruction.js'
import { InvalidSpecError } from '../errors.js'
import { applyRelocation } from './apply-relocation.js'
import type { CoreAnswer, CoreMissing } from './core-relocation.js'

function applied(fields: Partial<Instruction> & { opcode: number }, answer: CoreAnswer | CoreMissing) {
  const insn = instruction({ dst: 1, src: 2, ...fields })
  applyRelocation(insn, answer)
  return insn
}
const field = (localSize: number, targetSize: number, signed = false) => ({ localSize, targetSize, signed })

const LOAD = { b: 0x71, h: 0x69, w: 0x61, dw: 0x79 }

describe('the answer to a relocation', () => {
  it.each([
    ['a load', 0x61],
    ['a store of a register', 0x63],
    ['a store of a number', 0x62],
  ])('becomes the offset of %s', (_, opcode) => {
    expect(applied({ opcode, imm: 7, offset: 3 }, { value: 48n })).toMatchObject({
      opcode,
      offset: 48,
      imm: 7,
    })
    expect(applied({ opcode }, { value: 0x7fffn }).offset).toBe(0x7fff)
    expect(applied({ opcode }, { value: 0x8000n }).poison).toContain('lies 32768 bytes away')
  })

  it.each([
    [0xb7, 0x7fff_ffffn, 0x7fff_ffff],
    [0xb7, 0xffff_ffff_ffff_fff9n, -7],
    [0xb4, 0xffff_ffffn, -1],
    [0x07, 12n, 12],
  ])('becomes the number of arithmetic: %d', (opcode, value, imm) => {
    expect(applied({ opcode, offset: 0 }, { value })).toMatchObject({ opcode, imm, poison: undefined })
  })

  // The kernel extends the sign: 2^31 would have been a negative number.
  it.each([
    [0xb7, 1n << 31n],
    [0xb7, 1n << 40n],
    [0xb4, 1n << 32n],
    [0xb7, -(1n << 31n) - 1n],
  ])('poisons arithmetic %d that has no room for it', (opcode, value) => {
    expect(applied({ opcode }, { value }).poison).toBe(`the value ${value} does not fit into 32 bits`)
  })

  it('becomes both halves of a 64-bit number', () => {
    expect(applied({ opcode: 0x18, src: 0 }, { value: 0x8123_4567_89ab_cdefn })).toMatchObject({
      imm: 0x89abcdef | 0,
      immHigh: 0x81234567 | 0,
    })
  })

  it('is no field for what holds none', () => {
    for (const opcode of [0x85, 0x95, 0x15, 0x05, 0xbf, 0x0f, 0x30])
      expect(() => applied({ opcode, origin: 24 }, { value: 1n })).toThrow(InvalidSpecError)
    const reference = { kind: 'map', name: 'm' } as const
    expect(() => applied({ opcode: 0x18, reference }, { value: 1n })).toThrow('opcode 24 holds no field')
  })

  it('that there is none poisons', () => {
    expect(applied({ opcode: 0x61 }, { missing: 'field x of struct y' }).poison).toBe(
      'this kernel has no field x of struct y',
    )
  })
})

describe('a load of a field that has another size on this kernel', () => {
  it.each([
    [1, LOAD.b],
    [2, LOAD.h],
    [4, LOAD.w],
    [8, LOAD.dw],
  ])('becomes one of %d bytes', (targetSize, opcode) => {
    for (const [localSize, local] of [
      [1, LOAD.b],
      [2, LOAD.h],
      [4, LOAD.w],
      [8, LOAD.dw],
    ] as const) {
      const insn = applied({ opcode: local }, { value: 8n, field: field(localSize, targetSize) })
      expect(insn).toMatchObject({ opcode, offset: 8, poison: undefined })
    }
  })

  it('keeps its mode: a store stays a store', () => {
    expect(applied({ opcode: 0x63 }, { value: 0n, field: field(4, 8) }).opcode).toBe(0x7b)
    expect(applied({ opcode: 0x62 }, { value: 0n, field: field(4, 2) }).opcode).toBe(0x6a)
  })

  it('is poisoned where the field is signed: its sign would be lost or made up', () => {
    expect(applied({ opcode: LOAD.w }, { value: 8n, field: field(4, 8, true) }).poison).toContain(
      '8 bytes here and 4',
    )
    expect(applied({ opcode: LOAD.w }, { value: 8n, field: field(4, 4, true) }).poison).toBeUndefined()
  })

  it('is poisoned where no load has that size', () => {
    expect(applied({ opcode: LOAD.w }, { value: 8n, field: field(4, 3) }).poison).toContain('3 bytes')
    expect(applied({ opcode: LOAD.dw }, { value: 8n, field: field(8, 16) }).poison).toContain('16 bytes')
  })

  it('stays what it is where it is of a part of the field', () => {
    expect(applied({ opcode: LOAD.b }, { value: 8n, field: field(4, 8, true) })).toMatchObject({
      opcode: LOAD.b,
      poison: undefined,
    })
  })
})
