import { CALL, CLASS, classOf, JMP, LD_IMM64, operationOf } from './opcode.js'

/** What an instruction refers to by name, for the loader to fill in. */
export type Reference =
  /** The address of a map: `LD_IMM64`. */
  | { readonly kind: 'map'; readonly name: string }
  /** The address of a place in a data section: `LD_IMM64`. */
  | { readonly kind: 'data'; readonly section: string; readonly offset: number }
  /** A function of the same object: a call, or `LD_IMM64` for a callback. */
  | { readonly kind: 'function'; readonly name: string }

/**
 * One instruction. `LD_IMM64`, which takes two slots of eight bytes, is one instruction here too.
 *
 * It is mutable, so that a specification can be edited before it is loaded; a jump holds the instruction that it leads
 * to, so that instructions can be put in and taken out without counting.
 */
export interface Instruction {
  opcode: number
  dst: number
  src: number
  /** Signed 16 bits: of a load or store. A jump's is computed from `target`. */
  offset: number
  /** Signed 32 bits; of `LD_IMM64`, the lower half. */
  imm: number
  /** Signed 32 bits: the upper half of `LD_IMM64`'s immediate, otherwise 0. */
  immHigh: number
  /** Where a jump leads. */
  target: Instruction | undefined
  reference: Reference | undefined
  /** Why this instruction must not run: a relocation that found nothing. Harmless in code that is cut away. */
  poison: string | undefined
  /** Offset of the instruction in its section of the object file, in bytes; −1 for one that was put in. */
  readonly origin: number
}

/** Makes an instruction; what is not given is 0 or absent. */
export function instruction(fields: Partial<Instruction> & { readonly opcode: number }): Instruction {
  return {
    dst: 0,
    src: 0,
    offset: 0,
    imm: 0,
    immHigh: 0,
    target: undefined,
    reference: undefined,
    poison: undefined,
    origin: -1,
    ...fields,
  }
}

export const isWide = (insn: Instruction): boolean => insn.opcode === LD_IMM64

/** Slots of eight bytes that it takes. */
export const slots = (insn: Instruction): 1 | 2 => (isWide(insn) ? 2 : 1)

const isJumpClass = (insn: Instruction): boolean => {
  const kind = classOf(insn.opcode)
  return kind === CLASS.jmp || kind === CLASS.jmp32
}

export const isExit = (insn: Instruction): boolean => insn.opcode === (CLASS.jmp | JMP.exit)
export const isCall = (insn: Instruction): boolean =>
  classOf(insn.opcode) === CLASS.jmp && operationOf(insn.opcode) === JMP.call
export const isLocalCall = (insn: Instruction): boolean => isCall(insn) && insn.src === CALL.local
export const isHelperCall = (insn: Instruction): boolean => isCall(insn) && insn.src === CALL.helper

/** Whether it leads to `target`: always (`ja`) or on a condition. */
export const isJump = (insn: Instruction): boolean => isJumpClass(insn) && !isExit(insn) && !isCall(insn)

/** Whether it always leads to `target`. `gotol` (class jmp32) has its distance in `imm`. */
export const isUnconditionalJump = (insn: Instruction): boolean =>
  isJump(insn) && operationOf(insn.opcode) === JMP.ja

/** The 64-bit immediate of `LD_IMM64`, unsigned. */
export function wideImmediate(insn: Instruction): bigint {
  return (BigInt(insn.immHigh >>> 0) << 32n) | BigInt(insn.imm >>> 0)
}
