import fc from 'fast-check'
import { type Instruction, instruction } from '../../packages/bpf/src/asm/instruction.js'
import { runProgram, type Surroundings } from './bpf-machine.js'

/**
 * Programs that anyone could have compiled, but for their sense: constants of every size and sign, arithmetic and jumps
 * of every kind and width, loads and stores through the stack, the context and data, calls, atomics, bounded loops.
 * Opcodes are spelled out here: what is tested must not say what they mean.
 */
export interface RandomProgram {
  readonly code: Instruction[]
  /** The bytes of `.rodata`, which the loader knows, and of `.data`, which it does not. */
  readonly rodata: Uint8Array
  readonly data: Uint8Array
}

/** An instruction whose jump, if it is one, leads so many instructions further on. */
interface Draft {
  readonly fields: Partial<Instruction> & { readonly opcode: number }
  readonly skip?: number
}

const DATA_SIZE = 40
const LOOP_COUNTER = 9
const CONDITIONS = [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xa0, 0xb0, 0xc0, 0xd0]
const OPERATIONS = [0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xa0, 0xb0, 0xc0]

/** r9 counts loops, r10 is the stack. */
const register = fc.nat(8)
const size = fc.constantFrom(0x00, 0x08, 0x10, 0x18)
const mode = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0x60) },
  { weight: 1, arbitrary: fc.constant(0x80) },
)

/** Numbers where signs and widths change, and any. */
const EDGES = [0, 1, -1, 2, 7, 31, 32, 63, 64, 255, -128, 32767, -32768, 65535, 0x7fffffff, -0x80000000]
const immediate = fc.oneof(fc.constantFrom(...EDGES), fc.integer())

const drafts = (arbitrary: fc.Arbitrary<Draft>) => arbitrary.map((draft) => [draft])

const move = fc.tuple(fc.constantFrom(0xb7, 0xb4, 0xbf, 0xbc), register, register, immediate).map(
  ([opcode, dst, src, imm]): Draft => ({
    fields: (opcode & 8) === 0 ? { opcode, dst, imm } : { opcode, dst, src },
  }),
)

const signExtendingMove = fc
  .tuple(fc.constantFrom(0xbf, 0xbc), register, register, fc.constantFrom(8, 16, 32))
  .map(
    ([opcode, dst, src, offset]): Draft => ({
      fields: { opcode, dst, src, offset: opcode === 0xbc ? Math.min(offset, 16) : offset },
    }),
  )

const wideMove = fc
  .tuple(register, immediate, immediate)
  .map(([dst, imm, immHigh]): Draft => ({ fields: { opcode: 0x18, dst, imm, immHigh } }))

const arithmetic = fc
  .tuple(fc.constantFrom(4, 7), fc.constantFrom(...OPERATIONS), fc.boolean(), register, register, immediate)
  .map(([kind, operation, byRegister, dst, src, imm]): Draft => {
    if (operation === 0x80) return { fields: { opcode: kind | operation, dst } }
    return {
      fields: byRegister
        ? { opcode: kind | operation | 8, dst, src }
        : { opcode: kind | operation, dst, imm },
    }
  })

const signedDivision = fc
  .tuple(fc.constantFrom(4, 7), fc.constantFrom(0x30, 0x90), fc.boolean(), register, register, immediate)
  .map(
    ([kind, operation, byRegister, dst, src, imm]): Draft => ({
      fields: byRegister
        ? { opcode: kind | operation | 8, dst, src, offset: 1 }
        : { opcode: kind | operation, dst, imm, offset: 1 },
    }),
  )

const byteOrder = fc
  .tuple(fc.constantFrom(0xd4, 0xdc, 0xd7), register, fc.constantFrom(16, 32, 64))
  .map(([opcode, dst, imm]): Draft => ({ fields: { opcode, dst, imm } }))

/** A load from data: its address, moved a little now and then, and what is done with it. */
const dataLoad = fc
  .record({
    section: fc.constantFrom('.rodata', '.rodata', '.rodata', '.data'),
    start: fc.nat(DATA_SIZE),
    moved: fc.option(fc.tuple(fc.constantFrom(0x07, 0x07, 0x17, 0x04), fc.integer({ min: -16, max: 16 }))),
    offset: fc.integer({ min: -8, max: 24 }),
    size,
    mode,
    pointer: register,
    dst: register,
    through: fc.boolean(),
  })
  .map(({ section, start, moved, offset, pointer, dst, through, ...access }): Draft[] => {
    const memsx = access.mode === 0x80 && access.size !== 0x18
    const opcode = 1 | access.size | (memsx ? 0x80 : 0x60)
    const reference = { kind: 'data', section, offset: start } as const
    const copy = (pointer + 1) % 9
    return [
      { fields: { opcode: 0x18, dst: pointer, reference } },
      ...(moved === null ? [] : [{ fields: { opcode: moved[0], dst: pointer, imm: moved[1] } }]),
      ...(through ? [{ fields: { opcode: 0xbf, dst: copy, src: pointer } }] : []),
      { fields: { opcode, dst, src: through ? copy : pointer, offset } },
    ]
  })

const load = fc.tuple(size, mode, register, fc.nat(10), fc.integer({ min: -64, max: 64 })).map(
  ([bits, kind, dst, src, offset]): Draft => ({
    fields: { opcode: 1 | bits | (kind === 0x80 && bits !== 0x18 ? 0x80 : 0x60), dst, src, offset },
  }),
)

const store = fc
  .tuple(size, fc.constantFrom(2, 3), fc.nat(10), register, fc.integer({ min: -64, max: 64 }), immediate)
  .map(
    ([bits, kind, dst, src, offset, imm]): Draft => ({
      fields:
        kind === 2 ? { opcode: 0x62 | bits, dst, offset, imm } : { opcode: 0x63 | bits, dst, src, offset },
    }),
  )

const atomic = fc
  .tuple(
    fc.constantFrom(0xc3, 0xdb),
    fc.constantFrom(0x00, 0x40, 0x50, 0xa0, 0x01, 0x41, 0x51, 0xa1, 0xe1, 0xf1),
    fc.nat(10),
    register,
    fc.integer({ min: -64, max: 64 }),
  )
  .map(([opcode, imm, dst, src, offset]): Draft => ({ fields: { opcode, imm, dst, src, offset } }))

const call = fc.nat(200).map((imm): Draft => ({ fields: { opcode: 0x85, imm } }))
const packet = fc
  .tuple(fc.constantFrom(0x20, 0x28, 0x30, 0x40, 0x48, 0x50), register, fc.nat(100))
  .map(([opcode, src, imm]): Draft => ({ fields: { opcode, src: (opcode & 0xe0) === 0x40 ? src : 0, imm } }))

const branch = fc
  .tuple(
    fc.constantFrom(5, 6),
    fc.constantFrom(...CONDITIONS),
    fc.boolean(),
    register,
    register,
    immediate,
    fc.nat(6),
  )
  .map(
    ([kind, condition, byRegister, dst, src, imm, skip]): Draft => ({
      fields: byRegister
        ? { opcode: kind | condition | 8, dst, src }
        : { opcode: kind | condition, dst, imm },
      skip,
    }),
  )

/** A branch on a constant just loaded: one that folding decides. */
const decidedBranch = fc.tuple(dataLoad, branch, fc.boolean()).map(([loads, jump, same]): Draft[] => {
  const loaded = loads.at(-1)?.fields.dst ?? 0
  return [...loads, { ...jump, fields: { ...jump.fields, dst: same ? loaded : (jump.fields.dst ?? 0) } }]
})

const goto = fc
  .tuple(fc.constantFrom(0x05, 0x06), fc.nat(4))
  .map(([opcode, skip]): Draft => ({ fields: { opcode }, skip }))

const exit = fc.constant<Draft>({ fields: { opcode: 0x95 } })

const straight: fc.Arbitrary<Draft[]> = fc.oneof(
  { weight: 6, arbitrary: dataLoad },
  { weight: 4, arbitrary: decidedBranch },
  { weight: 4, arbitrary: drafts(move) },
  { weight: 1, arbitrary: drafts(signExtendingMove) },
  { weight: 1, arbitrary: drafts(wideMove) },
  { weight: 8, arbitrary: drafts(arithmetic) },
  { weight: 1, arbitrary: drafts(signedDivision) },
  { weight: 1, arbitrary: drafts(byteOrder) },
  { weight: 2, arbitrary: drafts(load) },
  { weight: 3, arbitrary: drafts(store) },
  { weight: 1, arbitrary: drafts(atomic) },
  { weight: 1, arbitrary: drafts(call) },
  { weight: 1, arbitrary: drafts(packet) },
  { weight: 4, arbitrary: drafts(branch) },
  { weight: 1, arbitrary: drafts(goto) },
)

/** A loop of a few rounds around what does not count them. */
const loop = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.array(straight, { maxLength: 4 }))
  .map(([rounds, parts]) => {
    const body = parts.flat()
    return [
      { fields: { opcode: 0xb7, dst: LOOP_COUNTER, imm: rounds } },
      ...body,
      { fields: { opcode: 0x07, dst: LOOP_COUNTER, imm: -1 } },
      // Back to the first of the body: so many instructions behind the next.
      { fields: { opcode: 0x55, dst: LOOP_COUNTER, imm: 0 }, skip: -(body.length + 2) },
    ]
  })

const part = fc.oneof(
  { weight: 12, arbitrary: straight },
  { weight: 1, arbitrary: loop },
  { weight: 1, arbitrary: drafts(exit) },
)

/** At the end, some registers are told, so that what was computed counts. */
const epilogue: readonly Draft[] = [
  ...[2, 4, 6, 7, 8].map((src) => ({ fields: { opcode: 0x7b, dst: 10, src, offset: -8 * src } })),
  { fields: { opcode: 0x95 } },
]

/** The drafts as instructions, jumps led to where they skip to, within the program. */
function assemble(list: readonly Draft[]): Instruction[] {
  const code = list.map(({ fields }) => instruction(fields))
  for (const [index, { skip }] of list.entries()) {
    const insn = code[index]
    if (insn !== undefined && skip !== undefined)
      insn.target = code[Math.max(0, Math.min(code.length - 1, index + 1 + skip))]
  }
  return code
}

export const randomPrograms: fc.Arbitrary<RandomProgram> = fc
  .record({
    parts: fc.array(part, { minLength: 1, maxLength: 24 }),
    rodata: fc.uint8Array({ minLength: DATA_SIZE, maxLength: DATA_SIZE }),
    data: fc.uint8Array({ minLength: DATA_SIZE, maxLength: DATA_SIZE }),
  })
  .map(({ parts, rodata, data }) => ({ code: assemble([...parts.flat(), ...epilogue]), rodata, data }))

/** The data that a program sees, as the machine wants it. */
export function surroundingsOf({ rodata, data }: RandomProgram): Surroundings {
  return {
    data: new Map([
      ['.rodata', { bytes: rodata, readOnly: true }],
      ['.data', { bytes: data, readOnly: false }],
    ]),
  }
}

/**
 * The program with probes behind each instruction that is run once: stores that happen only if the registers that it
 * changed hold what the machine says. So every number that someone derives from the program decides what it does.
 */
export function withProbes(program: RandomProgram, steps: number): RandomProgram {
  const runs = new Map<Instruction, number>()
  const changes = new Map<Instruction, Change[]>()
  runProgram(program.code, surroundingsOf(program), steps, (insn, before, after) => {
    runs.set(insn, (runs.get(insn) ?? 0) + 1)
    const changed: Change[] = []
    for (const [register, value] of after.entries())
      if (value !== before[register]) changed.push({ register, value })
    changes.set(insn, changed)
  })
  const scratch = program.code.every(({ dst }) => dst !== LOOP_COUNTER)
  const code = program.code.flatMap((insn, index) => {
    const next = program.code[index + 1]
    if (runs.get(insn) !== 1 || insn.target !== undefined || next === undefined) return [insn]
    return [insn, ...(changes.get(insn) ?? []).flatMap((change) => probe(change, next, scratch))]
  })
  return { ...program, code }
}

interface Change {
  readonly register: number
  readonly value: bigint
}

/** `if wN != lower half goto on; store`, and the same of all bits, where a number or r9 can hold them. */
function probe({ register, value }: Change, on: Instruction, scratch: boolean): Instruction[] {
  const low = Number(BigInt.asIntN(32, value))
  const high = Number(BigInt.asIntN(32, value >> 32n))
  const store = () => instruction({ opcode: 0x7a, dst: 10, offset: -1024, imm: register })
  const code = [instruction({ opcode: 0x56, dst: register, imm: low, target: on }), store()]
  if (BigInt.asUintN(64, BigInt(low)) === value)
    code.push(instruction({ opcode: 0x55, dst: register, imm: low, target: on }), store())
  else if (scratch)
    code.push(
      instruction({ opcode: 0x18, dst: LOOP_COUNTER, imm: low, immHigh: high }),
      instruction({ opcode: 0x5d, dst: register, src: LOOP_COUNTER, target: on }),
      store(),
    )
  return code
}

/**
 * Programs that the kernel takes from anyone: numbers in registers, arithmetic and jumps forward, nothing else. What they
 * return depends on all registers.
 *
 * @param recent with the instructions of the fourth version of the set (Linux 6.6), and 32-bit jumps (5.1)
 */
export function arithmeticPrograms(recent: boolean): fc.Arbitrary<Instruction[]> {
  const acceptable = ({ fields }: Draft): boolean => {
    const { opcode, imm = 0 } = fields
    const operation = opcode & 0xf0
    const kind = opcode & 7
    if (kind === 6 || opcode === 0xd7) return recent
    if ((kind !== 4 && kind !== 7) || (opcode & 8) !== 0) return true
    // The verifier refuses what it sees to be a mistake.
    if (operation === 0x30 || operation === 0x90) return imm !== 0
    if (operation === 0x60 || operation === 0x70 || operation === 0xc0)
      return imm >= 0 && imm < (kind === 7 ? 64 : 32)
    return true
  }
  const body = fc.array(
    fc
      .oneof(
        { weight: 2, arbitrary: move },
        { weight: 1, arbitrary: wideMove },
        { weight: 8, arbitrary: arithmetic },
        { weight: 1, arbitrary: byteOrder },
        { weight: 4, arbitrary: branch },
        { weight: recent ? 1 : 0, arbitrary: signExtendingMove },
        { weight: recent ? 1 : 0, arbitrary: signedDivision },
      )
      .filter(acceptable),
    { minLength: 1, maxLength: 20 },
  )
  const numbers = fc.array(fc.tuple(immediate, immediate), { minLength: 9, maxLength: 9 })
  return fc
    .tuple(numbers, body)
    .map(([values, drafts]) =>
      assemble([
        ...values.map(([imm, immHigh], dst) => ({ fields: { opcode: 0x18, dst, imm, immHigh } })),
        ...drafts,
        ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((src) => [
          { fields: { opcode: 0x27, dst: 0, imm: 31 } },
          { fields: { opcode: 0xaf, dst: 0, src } },
        ]),
        { fields: { opcode: 0xbf, dst: 1, src: 0 } },
        { fields: { opcode: 0x77, dst: 1, imm: 32 } },
        { fields: { opcode: 0xaf, dst: 0, src: 1 } },
        { fields: { opcode: 0x95 } },
      ]),
    )
}
