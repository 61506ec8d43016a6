import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixture, fixtureObject } from '../../../../test/support/fixtures.js'
import { randomPrograms } from '../../../../test/support/random-programs.js'
import { parseElf } from '../elf/parse-elf.js'
import { MalformedProgramError } from '../errors.js'
import {
  copyInstructions,
  decodeInstructions,
  encodeInstructions,
  removeInstructions,
  slotIndex,
} from './codec.js'
import { type Instruction, instruction, wideImmediate } from './instruction.js'
import { CLASS, JMP, LD_IMM64 } from './opcode.js'

const exit = () => instruction({ opcode: 0x95 })
const nop = () => instruction({ opcode: 0xb7 })
const jump = (target: Instruction) => instruction({ opcode: 0x05, target })
const longJump = (target: Instruction) => instruction({ opcode: 0x06, target })
const bytesOf = (...slots: string[]) => Uint8Array.from(Buffer.from(slots.join(''), 'hex'))

/** Instructions without the objects that jumps hold: the index of each target instead. */
function comparable(code: readonly Instruction[]) {
  return code.map(({ target, origin: _, ...rest }) => ({
    ...rest,
    target: target === undefined ? undefined : code.indexOf(target),
  }))
}

describe('decoding and encoding instructions', () => {
  it.each(['instructions-v2', 'instructions-v4', 'calls', 'data', 'core-bits'])(
    'gives back the bytes that clang wrote: %s',
    (name) => {
      const sections = parseElf(fixture(`${name}.bpf.o`)).sections.filter(
        ({ flags, size }) => flags.execute && size > 0,
      )
      expect(sections.length).toBeGreaterThan(0)
      for (const { data } of sections)
        expect(Buffer.from(encodeInstructions(decodeInstructions(data)))).toEqual(Buffer.from(data))
    },
  )

  it('gives back what was encoded, jumps both ways, wide loads and long jumps among them', () => {
    fc.assert(
      fc.property(randomPrograms, ({ code }) => {
        const plain = code.map((insn) => Object.assign(insn, { reference: undefined }))
        // The distance of a jump stands in a field of its own: what is left there from before does not count.
        const decoded = comparable(decodeInstructions(encodeInstructions(plain))).map((insn) =>
          insn.target === undefined ? insn : { ...insn, offset: 0, imm: insn.opcode === 0x06 ? 0 : insn.imm },
        )
        expect(decoded).toEqual(comparable(plain))
      }),
      { numRuns: 400 },
    )
  })

  it('puts each field where RFC 9669 has it', () => {
    // opcode, registers (destination below), offset and immediate little-endian
    const [insn] = decodeInstructions(bytesOf('7b1af8ff04030281'))
    expect(insn).toMatchObject({ opcode: 0x7b, dst: 10, src: 1, offset: -8, imm: 0x81020304 - 2 ** 32 })
  })

  it('joins the two slots of a 64-bit load', () => {
    const [insn, ...others] = decodeInstructions(bytesOf('1803000004030201', '0000000088776685'))
    expect(others).toEqual([])
    expect(insn && wideImmediate(insn)).toBe(0x8566778801020304n)
  })

  it('counts origins from where the code begins in its section', () => {
    const code = decodeInstructions(bytesOf('1800000000000000', '0000000000000000', '9500000000000000'), 64)
    expect(code.map(({ origin }) => origin)).toEqual([64, 80])
    expect(slotIndex(code)).toMatchObject({ count: 3 })
    expect([...slotIndex(code).at.values()]).toEqual([0, 2])
  })

  it.each([
    ['half a slot', ['9500000000000000', '95000000'], 'are no multiple of 8'],
    ['half a 64-bit load', ['1800000000000000'], 'in slot 0 is cut off'],
    [
      'a second slot that is an instruction',
      ['1800000000000000', '9500000000000000'],
      'in slot 0 has a second',
    ],
    ['a jump past the end', ['0500010000000000', '9500000000000000'], 'in slot 0 leads to slot 2'],
    ['a jump before the beginning', ['0500feff00000000', '9500000000000000'], 'in slot 0 leads to slot -1'],
    [
      'a jump into a 64-bit load',
      ['1500010000000000', '1800000000000000', '0000000000000000', '9500000000000000'],
      'in slot 0 leads to slot 2',
    ],
    ['a long jump past the end', ['06000000ffffff7f', '9500000000000000'], 'leads to slot 2147483648'],
  ])('refuses %s', (_, slots, message) => {
    expect(() => decodeInstructions(bytesOf(...slots))).toThrow(MalformedProgramError)
    expect(() => decodeInstructions(bytesOf(...slots))).toThrow(message)
  })

  it('refuses to encode a jump that its 16 bits cannot hold; a long one can', () => {
    const far = exit()
    const filled = (first: Instruction, count: number) => [first, ...Array.from({ length: count }, nop), far]
    expect(encodeInstructions(filled(jump(far), 0x7fff))).toHaveLength(0x8001 * 8)
    expect(() => encodeInstructions(filled(jump(far), 0x8000))).toThrow('leads 32768 slots away')
    const long = encodeInstructions(filled(longJump(far), 0x8000))
    expect([...long.subarray(0, 8)]).toEqual([0x06, 0, 0, 0, 0x00, 0x80, 0, 0])
  })

  it('refuses to encode a jump backwards that is too far', () => {
    const first = nop()
    const code = [first, ...Array.from({ length: 0x7fff }, nop), jump(first)]
    expect(() => encodeInstructions(code)).toThrow('leads -32769 slots away')
    expect(encodeInstructions([first, ...code.slice(2)])).toHaveLength(0x8000 * 8)
  })

  it('refuses to encode a jump to an instruction that is elsewhere', () => {
    expect(() => encodeInstructions([jump(exit()), exit()])).toThrow('that is not in the program')
  })
})

describe('copyInstructions', () => {
  it('leads jumps to the copies, so that editing them leaves the original alone', () => {
    const code = fixtureObject('instructions-v2').functions.get('loop')?.code ?? []
    const before = comparable(code)
    const copies = copyInstructions(code)
    expect(comparable(copies)).toEqual(before)
    for (const copy of copies) copy.imm = 99
    expect(comparable(code)).toEqual(before)
    for (const { target } of copies) if (target !== undefined) expect(copies).toContain(target)
  })
})

describe('removeInstructions', () => {
  it('leads a jump to what was taken out to the next that stays', () => {
    const [first, second, last] = [nop(), nop(), exit()]
    const skip = jump(first)
    const kept = removeInstructions([skip, nop(), first, second, last], new Set([first, second]))
    expect(kept).toHaveLength(3)
    expect(skip.target).toBe(last)
  })

  it('refuses to leave a jump with nothing to lead to', () => {
    const last = exit()
    expect(() => removeInstructions([jump(last), last], new Set([last]))).toThrow(MalformedProgramError)
  })

  it('does not mind a jump that is taken out itself', () => {
    const last = exit()
    const skip = jump(last)
    expect(removeInstructions([skip, last], new Set([skip, last]))).toEqual([])
  })

  it('gives another list even if nothing is to go', () => {
    const code = [exit()]
    expect(removeInstructions(code, new Set())).toEqual(code)
    expect(removeInstructions(code, new Set())).not.toBe(code)
  })

  it('leaves the others in their order, and jumps that lead to them as they are, whatever is taken out', () => {
    fc.assert(
      fc.property(randomPrograms, fc.array(fc.nat(30)), ({ code }, indices) => {
        const unwanted = new Set(
          indices.flatMap((index) => (index < code.length - 1 ? (code[index] ?? []) : [])),
        )
        const before = new Map(code.map((insn) => [insn, insn.target]))
        const kept = removeInstructions(code, unwanted)
        expect(kept).toEqual(code.filter((insn) => !unwanted.has(insn)))
        for (const insn of kept) {
          const target = before.get(insn)
          if (target === undefined) continue
          const from = code.indexOf(target)
          expect(insn.target).toBe(code.slice(from).find((candidate) => !unwanted.has(candidate)))
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('the opcode of a 64-bit load', () => {
  it('is the only one that takes two slots', () => {
    expect(LD_IMM64).toBe(0x18)
    for (let opcode = 0; opcode < 256; opcode++) {
      const isJump = [CLASS.jmp, CLASS.jmp32].some((kind) => (opcode & 7) === kind)
      if (isJump && opcode !== (CLASS.jmp | JMP.exit)) continue
      expect(slotIndex([instruction({ opcode })]).count).toBe(opcode === 0x18 ? 2 : 1)
    }
  })
})
