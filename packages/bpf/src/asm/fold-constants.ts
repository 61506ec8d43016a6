import { indexesOf } from './codec.js'
import { removeDeadCode } from './dead-code.js'
import {
  type Instruction,
  instruction,
  isCall,
  isExit,
  isJump,
  isUnconditionalJump,
  isWide,
  wideImmediate,
} from './instruction.js'
import {
  ALU,
  CLASS,
  classOf,
  JMP,
  LD_IMM64,
  MODE,
  modeOf,
  operationOf,
  SOURCE,
  sizeInBytes,
  usesRegister,
} from './opcode.js'
import { writtenRegisters } from './registers.js'

/** What is known of a register: a number, the address of constant data, or nothing. */
type Value =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'address'; readonly section: string; readonly offset: number }
  | undefined

type State = readonly Value[]

const REGISTERS = 11
const MASK32 = 0xffff_ffffn

/**
 * Replaces loads of constants by their values, and cuts away the branches that can then not be taken.
 *
 * A `const volatile` setting is known when a program is loaded. Put in as a number, it needs no map: that makes it work
 * on kernels without global data (before Linux 5.2), lets one source carry code for every kernel (calls that this
 * kernel does not know disappear with their branch, and maps that nothing refers to any more need not be created), and
 * spares the verifier work. It is a sparse conditional constant propagation over the registers; what goes through the
 * stack is not followed.
 *
 * @param code a function's instructions; they are changed in place, the list returned is what remains
 * @param readData the bytes of a constant at an offset of a data section; `undefined` where the section is not constant
 * @param reach is given each instruction that may run, once, before what it does is followed: it may change it. Much of an
 *   object that is for every kernel never runs on one.
 */
export function foldConstants(
  code: readonly Instruction[],
  readData: (section: string, offset: number, size: number) => bigint | undefined,
  reach: (insn: Instruction) => void = () => {},
): Instruction[] {
  const states = propagate(code, readData, reach)
  const unreachable = new Set<Instruction>()
  const rewritten = code.map((insn, index) => {
    const state = states[index]
    if (state === undefined) {
      unreachable.add(insn)
      return insn
    }
    return rewrite(insn, state, readData, unreachable)
  })
  return removeDeadCode(rewritten, unreachable)
}

function rewrite(
  insn: Instruction,
  state: State,
  readData: (section: string, offset: number, size: number) => bigint | undefined,
  unreachable: Set<Instruction>,
): Instruction {
  if (isJump(insn) && !isUnconditionalJump(insn)) {
    const taken = decide(insn, state)
    if (taken === true)
      Object.assign(insn, instruction({ ...insn, opcode: CLASS.jmp | JMP.ja, dst: 0, src: 0, imm: 0 }))
    if (taken === false) unreachable.add(insn)
    return insn
  }
  if (classOf(insn.opcode) !== CLASS.ldx) return insn
  const value = loaded(insn, state, readData)
  if (value === undefined) return insn
  // Changed in place, so that jumps to it stay jumps to it.
  const low = Number(BigInt.asIntN(32, value))
  const fits = BigInt.asUintN(64, BigInt(low)) === value
  Object.assign(insn, {
    opcode: fits ? CLASS.alu64 | ALU.mov | SOURCE.immediate : LD_IMM64,
    src: 0,
    offset: 0,
    imm: low,
    immHigh: fits ? 0 : Number(BigInt.asIntN(32, value >> 32n)),
  })
  return insn
}

/** The state before each instruction, `undefined` for those that no path reaches. */
function propagate(
  code: readonly Instruction[],
  readData: (section: string, offset: number, size: number) => bigint | undefined,
  reach: (insn: Instruction) => void,
): (State | undefined)[] {
  const indexOf = indexesOf(code)
  const states: (State | undefined)[] = new Array(code.length)
  // The first of those whose state has changed comes first: what several ways lead to is followed once all of them were.
  const changed = new Uint8Array(code.length)
  let next = 0
  const flow = (index: number | undefined, state: State) => {
    if (index === undefined || index >= code.length) return
    const before = states[index]
    const insn = code[index]
    if (before === undefined && insn !== undefined) reach(insn)
    const joined = join(before, state)
    if (joined === before) return
    states[index] = joined
    changed[index] = 1
    if (index < next) next = index
  }
  flow(0, new Array(REGISTERS).fill(undefined))
  while (next < code.length) {
    const index = next++
    if (changed[index] === 0) continue
    changed[index] = 0
    const insn = code[index]
    const state = states[index]
    if (insn === undefined || state === undefined || isExit(insn)) continue
    const target = insn.target === undefined ? undefined : indexOf.get(insn.target)
    if (isUnconditionalJump(insn)) {
      flow(target, state)
    } else if (isJump(insn)) {
      const taken = decide(insn, state)
      if (taken !== true) flow(index + 1, state)
      if (taken !== false) flow(target, state)
    } else {
      flow(index + 1, transfer(insn, state, readData))
    }
  }
  return states
}

/** What holds on both ways; the very `old` if nothing of it was lost. */
function join(old: State | undefined, incoming: State): State {
  if (old === undefined) return incoming
  if (old.every((value, register) => value === undefined || same(value, incoming[register]))) return old
  return old.map((value, register) => (same(value, incoming[register]) ? value : undefined))
}

function same(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.kind === 'number') return b.kind === 'number' && a.value === b.value
  return b.kind === 'address' && a.section === b.section && a.offset === b.offset
}

function transfer(
  insn: Instruction,
  state: State,
  readData: (section: string, offset: number, size: number) => bigint | undefined,
): State {
  const written = writtenRegisters(insn)
  if (written === 0) return state
  const next = state.map((value, register) => ((written & (1 << register)) === 0 ? value : undefined))
  if (isCall(insn)) return next
  next[insn.dst] = result(insn, state, readData)
  return next
}

function result(
  insn: Instruction,
  state: State,
  readData: (section: string, offset: number, size: number) => bigint | undefined,
): Value {
  // What a relocation without an answer left there is what the compiler saw, not what is so on this kernel.
  if (insn.poison !== undefined) return undefined
  if (isWide(insn)) {
    const { reference } = insn
    if (reference?.kind === 'data')
      return { kind: 'address', section: reference.section, offset: reference.offset }
    return reference === undefined && insn.src === 0
      ? { kind: 'number', value: wideImmediate(insn) }
      : undefined
  }
  const kind = classOf(insn.opcode)
  if (kind === CLASS.ldx) {
    const value = loaded(insn, state, readData)
    return value === undefined ? undefined : { kind: 'number', value }
  }
  if (kind === CLASS.alu64 || kind === CLASS.alu) return calculate(insn, state)
  return undefined
}

/** The value of a load from constant data, zero- or sign-extended to 64 bits. */
function loaded(
  insn: Instruction,
  state: State,
  readData: (section: string, offset: number, size: number) => bigint | undefined,
): bigint | undefined {
  const base = insn.poison === undefined ? state[insn.src] : undefined
  const mode = modeOf(insn.opcode)
  if (base?.kind !== 'address' || (mode !== MODE.mem && mode !== MODE.memsx)) return undefined
  const size = sizeInBytes(insn.opcode)
  const value = readData(base.section, base.offset + insn.offset, size)
  if (value === undefined || mode === MODE.mem) return value
  return BigInt.asUintN(64, BigInt.asIntN(size * 8, value))
}

function operand(insn: Instruction, state: State): Value {
  if (usesRegister(insn.opcode)) return state[insn.src]
  return { kind: 'number', value: BigInt.asUintN(64, BigInt(insn.imm)) }
}

function calculate(insn: Instruction, state: State): Value {
  const operation = operationOf(insn.opcode)
  // A sign-extending move or division (offset ≠ 0, instruction set version 4), and byte swaps, are not followed.
  if (insn.offset !== 0 || operation === ALU.end) return undefined
  const wide = classOf(insn.opcode) === CLASS.alu64
  const right = operand(insn, state)
  if (operation === ALU.mov) {
    if (wide || right?.kind === 'number') return right?.kind === 'number' ? number(right.value, wide) : right
    return undefined
  }
  const left = state[insn.dst]
  if (operation === ALU.neg) return left?.kind === 'number' ? number(-left.value, wide) : undefined
  if (right?.kind !== 'number') return undefined
  if (left?.kind === 'address') {
    if (!wide || (operation !== ALU.add && operation !== ALU.sub)) return undefined
    const distance = Number(BigInt.asIntN(64, right.value))
    const offset = left.offset + (operation === ALU.add ? distance : -distance)
    return Number.isSafeInteger(offset) ? { ...left, offset } : undefined
  }
  if (left?.kind !== 'number') return undefined
  const value = arithmetic(operation, narrow(left.value, wide), narrow(right.value, wide), wide)
  return value === undefined ? undefined : number(value, wide)
}

const narrow = (value: bigint, wide: boolean): bigint => (wide ? value : value & MASK32)
const number = (value: bigint, wide: boolean): Value => ({
  kind: 'number',
  value: BigInt.asUintN(wide ? 64 : 32, value),
})

/** Both operands unsigned, of the operation's width. Division by zero gives 0, modulo by zero the dividend (RFC 9669). */
function arithmetic(operation: number, a: bigint, b: bigint, wide: boolean): bigint | undefined {
  const bits = wide ? 64 : 32
  const shift = b & BigInt(bits - 1)
  switch (operation) {
    case ALU.add:
      return a + b
    case ALU.sub:
      return a - b
    case ALU.mul:
      return a * b
    case ALU.div:
      return b === 0n ? 0n : a / b
    case ALU.mod:
      return b === 0n ? a : a % b
    case ALU.or:
      return a | b
    case ALU.and:
      return a & b
    case ALU.xor:
      return a ^ b
    case ALU.lsh:
      return a << shift
    case ALU.rsh:
      return a >> shift
    case ALU.arsh:
      return BigInt.asIntN(bits, a) >> shift
    default:
      return undefined
  }
}

/** Whether a conditional jump is taken, where that is known. */
function decide(insn: Instruction, state: State): boolean | undefined {
  const left = state[insn.dst]
  const right = operand(insn, state)
  if (left?.kind !== 'number' || right?.kind !== 'number') return undefined
  const wide = classOf(insn.opcode) === CLASS.jmp
  const a = narrow(left.value, wide)
  const b = narrow(right.value, wide)
  const signedA = BigInt.asIntN(wide ? 64 : 32, a)
  const signedB = BigInt.asIntN(wide ? 64 : 32, b)
  switch (operationOf(insn.opcode)) {
    case JMP.jeq:
      return a === b
    case JMP.jne:
      return a !== b
    case JMP.jgt:
      return a > b
    case JMP.jge:
      return a >= b
    case JMP.jlt:
      return a < b
    case JMP.jle:
      return a <= b
    case JMP.jset:
      return (a & b) !== 0n
    case JMP.jsgt:
      return signedA > signedB
    case JMP.jsge:
      return signedA >= signedB
    case JMP.jslt:
      return signedA < signedB
    case JMP.jsle:
      return signedA <= signedB
    default:
      return undefined
  }
}
