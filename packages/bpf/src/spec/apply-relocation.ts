import { type Instruction, isWide } from '../asm/instruction.js'
import { CLASS, classOf, SIZE, sizeBits, sizeInBytes, usesRegister } from '../asm/opcode.js'
import { InvalidSpecError } from '../errors.js'
import type { CoreAnswer, CoreMissing } from './core-relocation.js'

/**
 * Puts the answer of a CO-RE relocation into its instruction: the offset of a load or store, the immediate of anything
 * else. A load is widened or narrowed where the field has another size on this kernel, unless it is signed: then the
 * instruction is poisoned, as it is when there is no answer.
 *
 * @throws {InvalidSpecError} if the instruction has no place for an answer
 */
export function applyRelocation(insn: Instruction, answer: CoreAnswer | CoreMissing): void {
  if ('missing' in answer) {
    insn.poison = `this kernel has no ${answer.missing}`
    return
  }
  const value = Number(BigInt.asIntN(64, answer.value))
  switch (classOf(insn.opcode)) {
    case CLASS.ldx:
    case CLASS.st:
    case CLASS.stx:
      if (value > 0x7fff) {
        insn.poison = `its field lies ${value} bytes away, more than an instruction can hold`
        return
      }
      insn.offset = value
      resize(insn, answer)
      return
    case CLASS.alu:
    case CLASS.alu64:
      if (usesRegister(insn.opcode)) throw noPlace(insn)
      // The kernel extends the sign of a number to 64 bits.
      if (value < -0x8000_0000 || value > (classOf(insn.opcode) === CLASS.alu ? 0xffff_ffff : 0x7fff_ffff)) {
        insn.poison = `the value ${answer.value} does not fit into 32 bits`
        return
      }
      insn.imm = value | 0
      return
    default:
      if (!isWide(insn) || insn.reference !== undefined) throw noPlace(insn)
      insn.imm = Number(BigInt.asIntN(32, answer.value))
      insn.immHigh = Number(BigInt.asIntN(32, answer.value >> 32n))
  }
}

function noPlace(insn: Instruction): InvalidSpecError {
  return new InvalidSpecError(
    `Cannot relocate the instruction at offset ${insn.origin}: opcode ${insn.opcode} holds no field`,
  )
}

function resize(insn: Instruction, { field }: CoreAnswer): void {
  // A load of a part of a larger field (a byte of an address) stays what it is.
  if (
    field === undefined ||
    field.localSize === field.targetSize ||
    sizeInBytes(insn.opcode) !== field.localSize
  )
    return
  const bits = sizeBits(field.targetSize)
  if (field.signed || bits === undefined) {
    insn.poison = `its field takes ${field.targetSize} bytes here and ${field.localSize} where it was compiled, and is signed`
    return
  }
  insn.opcode = (insn.opcode & ~SIZE.dw) | bits
}
