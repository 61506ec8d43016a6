import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../../test/support/bpf-machine.js'
import { copyInstructions } from './codec.js'
import { foldConstants } from './fold-constants.js'
import { type Instruction, instruction } from './instruction.js'
import { ALU, CLASS, JMP, LD_IMM64, MODE, SIZE, SOURCE } from './opcode.js'
import { printInstructions } from './print.js'

/** Bytes of `.rodata`: 0x80, 0x7f, 0xff … so that every size has both signs somewhere. */
const RODATA = Uint8Array.of(
  0x80,
  0x7f,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0x00,
  0x80,
  1,
  0,
  0,
  0x80,
  0,
  0,
  0,
)

const readData = (section: string, offset: number, size: number): bigint | undefined => {
  if (section !== '.rodata' || offset < 0 || offset + size > RODATA.length) return undefined
  return RODATA.subarray(offset, offset + size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}
const SURROUNDINGS = { data: new Map([['.rodata', { bytes: RODATA, readOnly: true }]]) }

const fold = (code: readonly Instruction[]) => foldConstants(copyInstructions(code), readData)
const text = (code: readonly Instruction[]) =>
  printInstructions(code)
    .split('\n')
    .map((line) => line.trim())

const exit = () => instruction({ opcode: CLASS.jmp | JMP.exit })
const move = (dst: number, imm: number) => instruction({ opcode: CLASS.alu64 | ALU.mov, dst, imm })
const wide = (dst: number, value: bigint) =>
  instruction({
    opcode: LD_IMM64,
    dst,
    imm: Number(BigInt.asIntN(32, value)),
    immHigh: Number(BigInt.asIntN(32, value >> 32n)),
  })
const address = (dst: number, offset: number, section = '.rodata') =>
  instruction({ opcode: LD_IMM64, dst, reference: { kind: 'data', section, offset } })
const load = (dst: number, src: number, offset = 0, size: number = SIZE.w, mode: number = MODE.mem) =>
  instruction({ opcode: CLASS.ldx | size | mode, dst, src, offset })
const call = (imm: number, map?: string) => [
  ...(map === undefined
    ? []
    : [instruction({ opcode: LD_IMM64, dst: 1, reference: { kind: 'map', name: map } })]),
  instruction({ opcode: CLASS.jmp | JMP.call, imm }),
]

/** Numbers where a sign, a carry or a width changes. */
const EDGES = [
  0n,
  1n,
  31n,
  63n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
]
const PAIRS = EDGES.flatMap((a) => EDGES.map((b) => [a, b] as const))

/** What the machine makes of `r0 = a; r2 = b; r0 OP r2`. */
function computed(code: readonly Instruction[]): bigint {
  return runProgram([...code, exit()], SURROUNDINGS, 100)?.r0 ?? -1n
}

/** `if r0 != value` around a call: the call goes if r0 is known to be that value, and stays alone if it is another. */
function decidedFor(code: readonly Instruction[], value: bigint): 'equal' | 'different' | 'unknown' {
  const last = exit()
  const jump = instruction({ opcode: CLASS.jmp | JMP.jeq | SOURCE.register, dst: 0, src: 9, target: last })
  const folded = fold([...code, wide(9, value), jump, ...call(1), last])
  if (folded.some((insn) => insn.opcode === jump.opcode)) return 'unknown'
  return folded.some(({ opcode }) => opcode === (CLASS.jmp | JMP.call)) ? 'different' : 'equal'
}

describe('a number that is calculated from constants is what the machine calculates', () => {
  it.each(Object.entries(ALU).filter(([name]) => name !== 'end'))(
    '%s, of 64 and of 32 bits',
    (_, operation) => {
      for (const [a, b] of PAIRS) {
        for (const kind of [CLASS.alu64, CLASS.alu]) {
          const byRegister = [
            wide(0, a),
            wide(2, b),
            instruction({ opcode: kind | operation | SOURCE.register, dst: 0, src: 2 }),
          ]
          const byNumber = [
            wide(0, a),
            instruction({ opcode: kind | operation, dst: 0, imm: Number(BigInt.asIntN(32, b)) }),
          ]
          expect(decidedFor(byRegister, computed(byRegister))).toBe('equal')
          expect(decidedFor(byNumber, computed(byNumber))).toBe('equal')
        }
      }
    },
  )

  it.each<[string, number, readonly number[]]>([
    ['signed division', ALU.div, [1]],
    ['signed remainders', ALU.mod, [1]],
    ['moves that extend a sign', ALU.mov, [8, 16, 32]],
  ])(
    '%s, of the fourth version of the set, is not taken for what it is without its offset',
    (_, operation, offsets) => {
      for (const [a, b] of PAIRS) {
        for (const kind of [CLASS.alu64, CLASS.alu]) {
          for (const offset of offsets) {
            const insn = instruction({ opcode: kind | operation | SOURCE.register, dst: 0, src: 2, offset })
            const code = [wide(0, a), wide(2, b), insn]
            expect(decidedFor(code, computed(code))).not.toBe('different')
          }
        }
      }
    },
  )

  it.each(Object.entries(JMP).filter(([name]) => /^j(?!a$|cond)/.test(name)))(
    'a jump %s, of 64 and of 32 bits',
    (_, operation) => {
      for (const [a, b] of PAIRS) {
        for (const kind of [CLASS.jmp, CLASS.jmp32]) {
          const after = move(0, 7)
          const code = [
            wide(1, a),
            wide(2, b),
            move(0, 5),
            instruction({ opcode: kind | operation | SOURCE.register, dst: 1, src: 2, target: after }),
            exit(),
            after,
            exit(),
          ]
          const folded = fold(code)
          expect(text(folded)).toEqual([`0: r0 = ${runProgram(code, SURROUNDINGS, 100)?.r0}`, '1: exit'])
        }
      }
    },
  )

  it.each([
    ['u8', SIZE.b, MODE.mem],
    ['u16', SIZE.h, MODE.mem],
    ['u32', SIZE.w, MODE.mem],
    ['u64', SIZE.dw, MODE.mem],
    ['s8', SIZE.b, MODE.memsx],
    ['s16', SIZE.h, MODE.memsx],
    ['s32', SIZE.w, MODE.memsx],
  ])('a load of %s, at any place and through any sum of an address', (_, size, mode) => {
    for (let offset = 0; offset + 8 <= RODATA.length; offset++) {
      for (const [start, added, rest] of [
        [offset, 0, 0],
        [0, offset, 0],
        [offset + 5, -3, -2],
      ] as const) {
        const code = [
          address(1, start),
          instruction({ opcode: CLASS.alu64 | ALU.add, dst: 1, imm: added }),
          load(0, 1, rest, size, mode),
        ]
        const value = computed(code)
        const folded = fold([...code, exit()])
        expect(folded).toHaveLength(2)
        expect(folded[0]?.reference).toBeUndefined()
        expect(computed(folded.slice(0, 1))).toBe(value)
      }
    }
  })
})

describe('folding cuts', () => {
  it('a branch that a constant decides, with the map and the helper in it', () => {
    const other = call(25, 'perf')[0]
    const code = [
      address(1, 16),
      load(1, 1, 0, SIZE.b),
      instruction({ opcode: CLASS.jmp | JMP.jeq, dst: 1, imm: 0, target: other }),
      ...call(130, 'ring'),
      exit(),
      ...(other === undefined ? [] : [other, ...call(25)]),
      exit(),
    ]
    expect(text(fold(code))).toEqual(['0: r1 = map[perf]', '2: call helper#25', '3: exit'])
  })

  it('values that nobody reads any more, however long the chain', () => {
    const chain = Array.from({ length: 50 }, () =>
      instruction({ opcode: CLASS.alu64 | ALU.add | SOURCE.register, dst: 3, src: 2 }),
    )
    expect(text(fold([move(2, 1), move(3, 2), ...chain, move(0, 0), exit()]))).toEqual([
      '0: r0 = 0',
      '1: exit',
    ])
  })

  it('a jump to what is the next instruction, then', () => {
    const end = move(0, 1)
    const over = instruction({ opcode: CLASS.jmp | JMP.ja, target: end })
    expect(text(fold([over, move(0, 5), end, exit()]))).toEqual(['0: r0 = 1', '1: exit'])
  })

  it('a loop whose condition is never true', () => {
    const again = move(3, 1)
    const code = [
      move(2, 0),
      again,
      ...call(1),
      instruction({ opcode: CLASS.jmp | JMP.jne, dst: 2, imm: 0, target: again }),
      move(0, 0),
      exit(),
    ]
    // r2 is lost in the call: what it holds behind is not known, and the loop stays.
    expect(text(fold(code))).toHaveLength(code.length)
    // r6 is not.
    const kept = code.map((insn) => (insn.dst === 2 ? { ...insn, dst: 6 } : insn))
    expect(text(fold(kept))).toEqual(['0: r3 = 1', '1: call helper#1', '2: r0 = 0', '3: exit'])
  })
})

describe('folding leaves', () => {
  it('loads from data that is not constant, or past its end', () => {
    const writable = [address(1, 0, '.data'), load(0, 1), exit()]
    const past = [address(1, RODATA.length), load(0, 1), exit()]
    const before = [address(1, 0), load(0, 1, -4), exit()]
    for (const code of [writable, past, before]) expect(text(fold(code))).toEqual(text(code))
  })

  it('loads through an address that two ways give differently', () => {
    const join = load(0, 1)
    const code = [
      address(1, 0),
      instruction({ opcode: CLASS.jmp | JMP.jeq, dst: 2, imm: 0, target: join }),
      address(1, 4),
      join,
      exit(),
    ]
    expect(text(fold(code))).toEqual(text(code))
  })

  it('an address that is moved by more than a number can count', () => {
    const code = [
      address(1, 0),
      wide(2, 1n << 60n),
      instruction({ opcode: CLASS.alu64 | ALU.add | SOURCE.register, dst: 1, src: 2 }),
      instruction({ opcode: CLASS.alu64 | ALU.sub | SOURCE.register, dst: 1, src: 2 }),
      load(0, 1),
      exit(),
    ]
    expect(text(fold(code))).toEqual(text(code))
  })

  it('what a comparison of addresses decides', () => {
    const end = exit()
    const code = [
      address(1, 0),
      move(0, 0),
      instruction({ opcode: CLASS.jmp | JMP.jeq, dst: 1, imm: 0, target: end }),
      move(0, 1),
      end,
    ]
    expect(text(fold(code))).toEqual(text(code))
  })

  it.each<[string, Instruction]>([
    [
      'a 64-bit load of a map',
      instruction({ opcode: LD_IMM64, dst: 3, reference: { kind: 'map', name: 'm' } }),
    ],
    [
      'a 64-bit load that the kernel is to fill in',
      instruction({ opcode: LD_IMM64, dst: 3, src: 1, imm: 5 }),
    ],
    ['a byte swap', instruction({ opcode: CLASS.alu | ALU.end | SOURCE.register, dst: 3, imm: 16 })],
    [
      'a 32-bit move of an address',
      instruction({ opcode: CLASS.alu | ALU.mov | SOURCE.register, dst: 3, src: 1 }),
    ],
    ['a product with an address', instruction({ opcode: CLASS.alu64 | ALU.mul, dst: 1, imm: 2 })],
    ['arithmetic that there is not', instruction({ opcode: CLASS.alu64 | 0xf0, dst: 3, imm: 2 })],
  ])('what depends on %s', (_, insn) => {
    const end = exit()
    const code = [
      address(1, 0),
      move(3, 5),
      insn,
      move(0, 0),
      instruction({ opcode: CLASS.jmp | JMP.jeq, dst: insn.dst, imm: 1, target: end }),
      move(0, 1),
      end,
    ]
    expect(text(fold(code))).toContain(
      `${slotOfJump(fold(code))}: if r${insn.dst} == 1 goto ${slotOfEnd(fold(code))}`,
    )
  })

  const slotOfEnd = (code: readonly Instruction[]) => Number(text(code).at(-1)?.split(':')[0])
  const slotOfJump = (code: readonly Instruction[]) =>
    Number(
      text(code)
        .find((line) => line.includes('if'))
        ?.split(':')[0],
    )
})

describe('what a relocation left without an answer', () => {
  // Folding once took the number that the compiler had seen for the one of this kernel, and decided by it.
  it('decides no branch: it stays, with what must not run', () => {
    const poisoned = { ...move(1, 8), poison: 'this kernel has no field x' }
    const end = exit()
    const code = [
      poisoned,
      move(0, 0),
      instruction({ opcode: CLASS.jmp | JMP.jeq, dst: 1, imm: 8, target: end }),
      move(0, 1),
      end,
    ]
    expect(fold(code).some(({ poison }) => poison !== undefined)).toBe(true)
    expect(fold(code)).toHaveLength(code.length)
  })

  it('goes where nobody reads it', () => {
    const poisoned = { ...move(1, 8), poison: 'this kernel has no field x' }
    expect(text(fold([poisoned, move(0, 0), exit()]))).toEqual(['0: r0 = 0', '1: exit'])
  })

  it('is not read from constant data either', () => {
    const poisoned = { ...load(0, 1), poison: 'this kernel has no field x' }
    expect(fold([address(1, 0), poisoned, exit()]).map(({ poison }) => poison)).toContain(
      'this kernel has no field x',
    )
  })
})

it('gives what may run to whoever wants to change it, once and before it is followed; the rest it does not', () => {
  const onNewKernels = call(5)
  const end = exit()
  const isNew = move(1, 0)
  const code = [
    isNew,
    instruction({ opcode: CLASS.jmp | JMP.jeq, dst: 1, imm: 0, target: end }),
    ...onNewKernels,
    end,
  ]
  const told: Instruction[] = []
  const folded = foldConstants(code, readData, (insn) => {
    told.push(insn)
    // As a relocation does: what is compared below is then something else.
    if (insn === isNew) insn.imm = 1
  })
  expect(told).toEqual(code)
  expect(folded).toContain(onNewKernels[0])

  const old: Instruction[] = []
  const [first, ...others] = copyInstructions(code)
  foldConstants([first as Instruction, ...others], readData, (insn) => {
    old.push(insn)
    if (insn === first) insn.imm = 0
  })
  expect(old.some(({ opcode }) => opcode === (CLASS.jmp | JMP.call))).toBe(false)
})
