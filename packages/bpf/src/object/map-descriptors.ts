import type { Instruction } from '../asm/instruction.js'
import { PSEUDO } from '../asm/opcode.js'

/**
 * Puts the maps' file descriptors into the instructions that refer to them; the kernel turns them into addresses.
 *
 * @param maps numbers of file descriptors, by the names of maps and sections
 */
export function putMapDescriptors(code: readonly Instruction[], maps: ReadonlyMap<string, number>): void {
  for (const insn of code) {
    const { reference } = insn
    if (reference?.kind === 'map') {
      insn.src = PSEUDO.mapFd
      insn.imm = maps.get(reference.name) ?? -1
      insn.immHigh = 0
    } else if (reference?.kind === 'data') {
      insn.src = PSEUDO.mapValue
      insn.imm = maps.get(reference.section) ?? -1
      insn.immHigh = reference.offset
    }
  }
}
