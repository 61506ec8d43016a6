import type { Instruction } from '../asm/instruction.js'
import { PSEUDO } from '../asm/opcode.js'
import type { FileDescriptor } from '../sys/file-descriptor.js'

/** Puts the maps' file descriptors into the instructions that refer to them; the kernel turns them into addresses. */
export function putMapDescriptors(
  code: readonly Instruction[],
  maps: ReadonlyMap<string, FileDescriptor>,
): void {
  for (const insn of code) {
    const { reference } = insn
    if (reference?.kind === 'map') {
      insn.src = PSEUDO.mapFd
      insn.imm = maps.get(reference.name)?.number ?? -1
      insn.immHigh = 0
    } else if (reference?.kind === 'data') {
      insn.src = PSEUDO.mapValue
      insn.imm = maps.get(reference.section)?.number ?? -1
      insn.immHigh = reference.offset
    }
  }
}
