import { describe, expect, it } from 'vitest'
import { fixtureObject, fixtureText } from '../../../../test/support/fixtures.js'
import { type Instruction, instruction, isWide } from './instruction.js'
import { ALU, CALL, CLASS, JMP, LD_IMM64, MODE, SIZE, SOURCE } from './opcode.js'
import { printInstruction, printInstructions } from './print.js'

/** One line of llvm-objdump: `      12:	r1 = 0x0 ll`. */
const LINE = /^ +(\d+):\t(.+)$/
const decimal = (hex: string) => String(BigInt(hex.replace('-', '')) * (hex.startsWith('-') ? -1n : 1n))
const unsigned = (number: string) => `0x${BigInt.asUintN(64, BigInt(number)).toString(16)} ll`

/** What llvm-objdump says, in our notation: these are all the ways in which it differs. */
function inOurNotation(text: string, slot: number): string {
  return (
    text
      // Numbers are hexadecimal there, and signed.
      .replace(/-?0x[0-9a-f]+/g, decimal)
      .replace(/(-?\d+) ll$/, (_, number: string) => unsigned(number))
      // Where a jump leads is told by its distance, and by the next symbol.
      .replace(
        /(gotol?) ([+-]?\d+)( <.*>)?$/,
        (_, goto, distance) => `${goto} ${slot + 1 + Number(distance)}`,
      )
      // With 32-bit registers, a load to one and a store of one are written with its name.
      .replace(/^w(\d+) = (\*\(u(?:8|16|32) \*\)\(r\d+ [+-] \d+\))$/, 'r$1 = $2')
      .replace(/^(\*\(u(?:8|16|32) \*\)\(.*\)) = w(\d+)$/, '$1 = r$2')
      .replace(/^(lock .*) w(\d+)$/, '$1 r$2')
  )
}

/** What we say, without what the object's relocations told us: a name is a number there. */
function withoutNames(insn: Instruction, slotOf: (target: Instruction) => number | undefined): string {
  return printInstruction({ ...insn, reference: undefined }, slotOf).replace(
    /^call (?:helper#|pc\+?)(-?\d+)$/,
    'call $1',
  )
}

const slotInSection = (insn: Instruction) => insn.origin / 8

describe('the printer says what llvm-objdump says', () => {
  it.each(['instructions-v2', 'instructions-v4', 'calls', 'data', 'maps'])('of %s', (name) => {
    const ours = [...fixtureObject(name).functions.values()].flatMap((part) =>
      part.code.map((insn) => `${slotInSection(insn)}: ${withoutNames(insn, slotInSection)}`),
    )
    const theirs = fixtureText(`${name}.objdump.txt`)
      .split('\n')
      .flatMap((line) => {
        const [, slot, text] = LINE.exec(line) ?? []
        return text === undefined ? [] : [`${slot}: ${inOurNotation(text, Number(slot))}`]
      })
    expect(theirs.length).toBeGreaterThan(20)
    expect(ours).toEqual(theirs)
  })
})

describe('the printer', () => {
  it('numbers lines by slots, of which a 64-bit load takes two, and jumps by them', () => {
    const exit = instruction({ opcode: CLASS.jmp | JMP.exit })
    const code = [
      instruction({ opcode: LD_IMM64, dst: 1, imm: -1, immHigh: 0x7fffffff }),
      instruction({ opcode: CLASS.jmp | JMP.jeq, dst: 1, imm: 3, target: exit }),
      instruction({ opcode: CLASS.jmp | JMP.ja, target: exit }),
      exit,
    ]
    expect(printInstructions(code)).toBe(
      ['    0: r1 = 0x7fffffffffffffff ll', '    2: if r1 == 3 goto 4', '    3: goto 4', '    4: exit'].join(
        '\n',
      ),
    )
  })

  it.each<[Partial<Instruction> & { opcode: number }, string]>([
    [{ opcode: LD_IMM64, reference: { kind: 'map', name: 'events' } }, 'r0 = map[events]'],
    [
      { opcode: LD_IMM64, reference: { kind: 'data', section: '.rodata', offset: 8 } },
      'r0 = data[.rodata+8]',
    ],
    [{ opcode: LD_IMM64, reference: { kind: 'function', name: 'each' } }, 'r0 = function[each]'],
    [{ opcode: LD_IMM64, src: 1, imm: 5 }, 'r0 = 0x5 ll (pseudo 1)'],
    [{ opcode: CLASS.jmp | JMP.call, reference: { kind: 'function', name: 'inner' } }, 'call inner'],
    [{ opcode: CLASS.jmp | JMP.call, src: CALL.local, imm: 7 }, 'call pc+7'],
    [{ opcode: CLASS.jmp | JMP.call, src: CALL.local, imm: -7 }, 'call pc-7'],
    [{ opcode: CLASS.jmp | JMP.call, src: CALL.kfunc, imm: 99 }, 'call kfunc#99'],
    [{ opcode: CLASS.jmp | JMP.jcond, offset: 4 }, 'may_goto +4'],
    [{ opcode: CLASS.jmp32 | JMP.ja, imm: -4 }, 'gotol -4'],
    [{ opcode: CLASS.jmp | JMP.ja, offset: -4 }, 'goto -4'],
    [{ opcode: CLASS.jmp32 | 0xf0 | SOURCE.register, dst: 1, src: 2 }, 'if w1 op240 w2 goto +0'],
    [{ opcode: CLASS.alu | 0xf0, dst: 1, imm: 2 }, 'w1 op240 2'],
    [
      { opcode: CLASS.stx | MODE.atomic | SIZE.dw, dst: 1, src: 2, imm: 0x20 },
      'lock *(u64 *)(r1 + 0) op32 r2',
    ],
    [
      { opcode: CLASS.alu64 | ALU.mov, dst: 2, imm: 9, poison: 'no such field' },
      'r2 = 9 ; must not run: no such field',
    ],
    [
      { opcode: CLASS.ld | MODE.mem, dst: 1, src: 2, offset: 3, imm: 4 },
      'opcode 0x60 dst 1 src 2 offset 3 imm 4',
    ],
  ])('writes %o as it should', (fields, expected) => {
    expect(printInstruction(instruction(fields))).toBe(expected)
  })

  it('leaves nothing of a wide load to its second slot', () => {
    const part = fixtureObject('data').functions.get('read_constants')
    const wide = part?.code.filter(isWide) ?? []
    expect(printInstructions(part?.code ?? []).split('\n')).toHaveLength(part?.code.length ?? 0)
    expect(wide.length).toBeGreaterThan(10)
  })
})
