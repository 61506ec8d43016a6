import { type Instruction, instruction } from '../asm/instruction.js'
import { ALU, CALL, CLASS, JMP, SOURCE } from '../asm/opcode.js'
import { ERRNO, errnoName } from '../sys/errno.js'
import { libc } from '../sys/libc.js'
import { allocate } from '../sys/memory.js'
import { type ProgramImage, tryLoadProgram } from '../sys/program.js'
import { type Feature, YES } from './feature.js'

export const movImmediate = (dst: number, imm: number): Instruction =>
  instruction({ opcode: CLASS.alu64 | ALU.mov | SOURCE.immediate, dst, imm })
export const callHelper = (imm: number): Instruction =>
  instruction({ opcode: CLASS.jmp | JMP.call, src: CALL.helper, imm })
export const exit = (): Instruction => instruction({ opcode: CLASS.jmp | JMP.exit })

/** `r0 = 0; exit` in front of which other code may stand. */
export const returnZero = (): Instruction[] => [movImmediate(0, 0), exit()]

const LOG_SIZE = 16 << 10
/** How the reason of an answer begins when the kernel refused the probe, but not for what was asked. */
export const REFUSED = 'the probe was refused'

/**
 * Loads a program only to see whether the kernel takes it.
 *
 * @param refusal what of the verifier's log means "no": without a match, a refusal is for another reason and tells nothing
 * @param takes what it takes, for the answer "no"
 */
export function probeProgram(image: ProgramImage, takes: string, refusal: RegExp | undefined): Feature {
  const result = tryLoadProgram(image)
  if (result >= 0) {
    libc().close(result)
    return YES
  }
  if (result === -ERRNO.EPERM) return { state: 'unknown', why: 'loading a program is not permitted' }
  if (refusal === undefined) return { state: 'no', takes }
  const log = allocate(LOG_SIZE)
  const second = tryLoadProgram(image, log)
  if (second >= 0) {
    libc().close(second)
    return YES
  }
  const end = log.bytes.indexOf(0)
  const text = new TextDecoder().decode(log.bytes.subarray(0, end < 0 ? LOG_SIZE : end))
  return refusal.test(text)
    ? { state: 'no', takes }
    : { state: 'unknown', why: `${REFUSED}: ${errnoName(-second)}` }
}
