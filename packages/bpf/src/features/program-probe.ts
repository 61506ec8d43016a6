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

/** What a refusal means, by what the verifier's log says of it. */
export interface RefusalMeaning {
  readonly no: RegExp
  /** That the verifier got beyond what is asked, and refused for what comes behind it. */
  readonly yes: RegExp
}

/**
 * Loads a program only to see whether the kernel takes it.
 *
 * @param takes what it takes, for the answer "no"
 * @param meaning of a refusal: one that means neither is for another reason, and tells nothing. Unless told, any means no
 */
export function probeProgram(image: ProgramImage, takes: string, meaning?: RefusalMeaning): Feature {
  const result = tryLoadProgram(image)
  if (result >= 0) {
    libc().close(result)
    return YES
  }
  if (result === -ERRNO.EPERM) return { state: 'unknown', why: 'loading a program is not permitted' }
  if (meaning === undefined) return { state: 'no', takes }
  const log = allocate(LOG_SIZE)
  const second = tryLoadProgram(image, log)
  if (second >= 0) {
    libc().close(second)
    return YES
  }
  const end = log.bytes.indexOf(0)
  const text = new TextDecoder().decode(log.bytes.subarray(0, end < 0 ? LOG_SIZE : end))
  if (meaning.no.test(text)) return { state: 'no', takes }
  return meaning.yes.test(text)
    ? YES
    : { state: 'unknown', why: `the probe was refused: ${errnoName(-second)}` }
}
