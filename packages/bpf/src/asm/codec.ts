import { MalformedProgramError } from '../errors.js'
import { type Instruction, instruction, isJump, isUnconditionalJump, isWide, slots } from './instruction.js'
import { CLASS, classOf, LD_IMM64 } from './opcode.js'

/** Bytes of one slot. */
export const SLOT = 8

/**
 * Reads instructions from their 64-bit slots: opcode u8, registers u8 (destination in the lower four bits), offset
 * s16, immediate s32, little-endian (RFC 9669, section 3).
 *
 * @param origin offset of the first byte in its section: what `Instruction.origin` counts from
 * @throws {MalformedProgramError} if the bytes are cut off, or a jump leads outside or into the middle of LD_IMM64
 */
export function decodeInstructions(bytes: Uint8Array, origin = 0): Instruction[] {
  if (bytes.byteLength % SLOT !== 0) {
    throw new MalformedProgramError(
      `Cannot decode instructions: ${bytes.byteLength} bytes are no multiple of ${SLOT}`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.byteLength / SLOT
  const bySlot: (Instruction | undefined)[] = new Array(count)
  const code: Instruction[] = []
  for (let slot = 0; slot < count; slot++) {
    const at = slot * SLOT
    const opcode = view.getUint8(at)
    const registers = view.getUint8(at + 1)
    const insn = instruction({
      opcode,
      dst: registers & 0xf,
      src: registers >> 4,
      offset: view.getInt16(at + 2, true),
      imm: view.getInt32(at + 4, true),
      origin: origin + at,
    })
    bySlot[slot] = insn
    code.push(insn)
    if (opcode !== LD_IMM64) continue
    if (++slot >= count)
      throw new MalformedProgramError(
        `Cannot decode instructions: the 64-bit load in slot ${slot - 1} is cut off`,
      )
    if (view.getUint32(slot * SLOT, true) !== 0)
      throw new MalformedProgramError(
        `Cannot decode instructions: the 64-bit load in slot ${slot - 1} has a second slot that is none`,
      )
    insn.immHigh = view.getInt32(slot * SLOT + 4, true)
  }
  linkJumps(bySlot)
  return code
}

function linkJumps(bySlot: readonly (Instruction | undefined)[]): void {
  for (const [slot, insn] of bySlot.entries()) {
    if (insn === undefined || !isJump(insn)) continue
    const to = slot + 1 + jumpDistance(insn)
    insn.target = bySlot[to]
    if (insn.target === undefined)
      throw new MalformedProgramError(
        `Cannot decode instructions: the jump in slot ${slot} leads to slot ${to}`,
      )
  }
}

function hasLongDistance(insn: Instruction): boolean {
  return isUnconditionalJump(insn) && classOf(insn.opcode) === CLASS.jmp32
}

function jumpDistance(insn: Instruction): number {
  return hasLongDistance(insn) ? insn.imm : insn.offset
}

/** Where each instruction begins, in slots, and how many slots there are. */
export function slotIndex(code: readonly Instruction[]): {
  readonly at: ReadonlyMap<Instruction, number>
  readonly count: number
} {
  const at = new Map<Instruction, number>()
  let count = 0
  for (const insn of code) {
    at.set(insn, count)
    count += slots(insn)
  }
  return { at, count }
}

/**
 * Writes instructions as the kernel takes them. References are not resolved: whoever knows a file descriptor or a
 * distance puts it into `imm` before.
 *
 * @throws {MalformedProgramError} if a jump leads to an instruction that is not there, or further than its field holds
 */
export function encodeInstructions(code: readonly Instruction[]): Uint8Array {
  const { at: slotOf, count } = slotIndex(code)
  const bytes = new Uint8Array(count * SLOT)
  const view = new DataView(bytes.buffer)
  for (const insn of code) {
    const slot = slotOf.get(insn) ?? 0
    const at = slot * SLOT
    const distance = insn.target === undefined ? undefined : distanceTo(insn.target, slot, slotOf)
    const long = hasLongDistance(insn)
    if (distance !== undefined && !long && (distance < -0x8000 || distance > 0x7fff)) {
      throw new MalformedProgramError(
        `Cannot encode instructions: the jump in slot ${slot} leads ${distance} slots away`,
      )
    }
    view.setUint8(at, insn.opcode)
    view.setUint8(at + 1, (insn.src << 4) | insn.dst)
    view.setInt16(at + 2, distance === undefined || long ? insn.offset : distance, true)
    view.setInt32(at + 4, distance !== undefined && long ? distance : insn.imm, true)
    if (isWide(insn)) view.setInt32(at + SLOT + 4, insn.immHigh, true)
  }
  return bytes
}

function distanceTo(target: Instruction, from: number, slotOf: ReadonlyMap<Instruction, number>): number {
  const to = slotOf.get(target)
  if (to === undefined)
    throw new MalformedProgramError(
      `Cannot encode instructions: the jump in slot ${from} leads to an instruction that is not in the program`,
    )
  return to - from - 1
}

/** Copies code, jumps led to the copies: for editing one program and keeping the specification as it was. */
export function copyInstructions(code: readonly Instruction[]): Instruction[] {
  const copies = code.map((insn) => ({ ...insn }))
  const indexOf = indexesOf(code)
  for (const copy of copies)
    if (copy.target !== undefined) copy.target = copies[indexOf.get(copy.target) ?? -1]
  return copies
}

/** Where each instruction stands in the code. */
export function indexesOf(code: readonly Instruction[]): ReadonlyMap<Instruction, number> {
  const indexes = new Map<Instruction, number>()
  for (let index = 0; index < code.length; index++) indexes.set(code[index] as Instruction, index)
  return indexes
}

/**
 * Takes instructions out; a jump to one of them leads to the next that stays.
 *
 * @throws {MalformedProgramError} if a jump is left with nothing to lead to
 */
export function removeInstructions(
  code: readonly Instruction[],
  unwanted: ReadonlySet<Instruction>,
): Instruction[] {
  if (unwanted.size === 0) return [...code]
  const successor = new Map<Instruction, Instruction | undefined>()
  let next: Instruction | undefined
  for (const insn of code.toReversed()) {
    if (unwanted.has(insn)) successor.set(insn, next)
    else next = insn
  }
  const kept = code.filter((insn) => !unwanted.has(insn))
  for (const insn of kept) {
    if (insn.target === undefined || !successor.has(insn.target)) continue
    insn.target = successor.get(insn.target)
    if (insn.target === undefined)
      throw new MalformedProgramError('Cannot remove instructions: a jump would lead past the end')
  }
  return kept
}
