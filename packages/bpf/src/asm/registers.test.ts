import { describe, expect, it } from 'vitest'
import { type Instruction, instruction } from './instruction.js'
import { onlyWritesRegister, readRegisters, writtenRegisters } from './registers.js'

const names = (set: number) =>
  Array.from({ length: 11 }, (_, register) => register)
    .filter((register) => (set & (1 << register)) !== 0)
    .map((register) => `r${register}`)
    .join(' ')

const ARGUMENTS = 'r1 r2 r3 r4 r5'
const ARITHMETIC = [0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xa0, 0xc0]
const CONDITIONS = [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xa0, 0xb0, 0xc0, 0xd0]
const SIZES = [0x00, 0x08, 0x10, 0x18]
const hex = (opcode: number) => `0x${opcode.toString(16).padStart(2, '0')}`

/** What an instruction with r7 as its destination and r8 as its source reads, writes, and whether it does nothing else. */
type Row = readonly [
  opcodes: readonly number[],
  fields: Partial<Instruction>,
  reads: string,
  writes: string,
  pure: boolean,
]

// By RFC 9669, sections 4 and 5.
const ROWS: readonly (readonly [string, Row])[] = [
  ['ALU with a number', [both(ARITHMETIC, 0), {}, 'r7', 'r7', true]],
  ['ALU with a register', [both(ARITHMETIC, 8), {}, 'r7 r8', 'r7', true]],
  ['MOV of a number', [[0xb7, 0xb4], {}, '', 'r7', true]],
  ['MOV of a register', [[0xbf, 0xbc], {}, 'r8', 'r7', true]],
  ['NEG, whatever its source bit', [[0x87, 0x84, 0x8f, 0x8c], {}, 'r7', 'r7', true]],
  ['byte swaps, whatever their source bit', [[0xd4, 0xdc, 0xd7], { imm: 16 }, 'r7', 'r7', true]],
  ['the 64-bit immediate', [[0x18], {}, '', 'r7', true]],
  ['LDX', [SIZES.flatMap((size) => [0x61 | size, 0x81 | size]), {}, 'r8', 'r7', true]],
  ['ST', [SIZES.map((size) => 0x62 | size), {}, 'r7', '', false]],
  ['STX', [SIZES.map((size) => 0x63 | size), {}, 'r7 r8', '', false]],
  ['atomics without fetch', [[0xc3, 0xdb], { imm: 0x40 }, 'r7 r8', '', false]],
  ['atomics with fetch', [[0xc3, 0xdb], { imm: 0x41 }, 'r7 r8', 'r8', false]],
  ['XCHG', [[0xc3, 0xdb], { imm: 0xe1 }, 'r7 r8', 'r8', false]],
  ['CMPXCHG', [[0xc3, 0xdb], { imm: 0xf1 }, 'r0 r7 r8', 'r0', false]],
  ['a conditional jump with a number', [jumps(0), {}, 'r7', '', false]],
  ['a conditional jump with a register', [jumps(8), {}, 'r7 r8', '', false]],
  ['JA and its long form', [[0x05, 0x06], {}, '', '', false]],
  ['CALL', [[0x85], {}, ARGUMENTS, `r0 ${ARGUMENTS}`, false]],
  ['EXIT', [[0x95], {}, 'r0', '', false]],
  ['packet loads', [[0x20, 0x28, 0x30, 0x40, 0x48, 0x50], {}, 'r6 r8', `r0 ${ARGUMENTS}`, false]],
]

function both(operations: readonly number[], source: number): number[] {
  return operations.flatMap((operation) => [operation | source | 4, operation | source | 7])
}
function jumps(source: number): number[] {
  return CONDITIONS.flatMap((condition) => [condition | source | 5, condition | source | 6])
}

describe('the registers that an instruction reads and writes', () => {
  it.each(
    ROWS.flatMap(([what, [opcodes, fields, reads, writes, pure]]) =>
      opcodes.map((opcode) => ({
        what,
        opcode: hex(opcode),
        insn: { opcode, ...fields },
        reads,
        writes,
        pure,
      })),
    ),
  )('$what: $opcode', ({ insn, reads, writes, pure }) => {
    const full = instruction({ dst: 7, src: 8, ...insn })
    expect(names(readRegisters(full))).toBe(reads)
    expect(names(writtenRegisters(full))).toBe(writes)
    expect(onlyWritesRegister(full)).toBe(pure)
  })
})
