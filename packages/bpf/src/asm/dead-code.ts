import { indexesOf, removeInstructions } from './codec.js'
import { type Instruction, isExit, isJump, isUnconditionalJump } from './instruction.js'
import { onlyWritesRegister, type RegisterSet, readRegisters, writtenRegisters } from './registers.js'

/**
 * Takes out what has no effect: code that no path reaches, values that nobody reads, jumps to the very next
 * instruction.
 *
 * @param unreachable instructions that are known not to run, besides those that no jump leads to
 */
export function removeDeadCode(
  code: readonly Instruction[],
  unreachable: ReadonlySet<Instruction>,
): Instruction[] {
  let kept = removeInstructions(code, unreachable)
  for (;;) {
    const dead = findDead(kept)
    if (dead.size === 0) return kept
    kept = removeInstructions(kept, dead)
  }
}

function findDead(code: readonly Instruction[]): Set<Instruction> {
  const indexOf = indexesOf(code)
  const reached = reachable(code, indexOf)
  const live = liveAfter(code, indexOf)
  const dead = new Set<Instruction>()
  for (const [index, insn] of code.entries()) {
    if (!reached.has(insn)) dead.add(insn)
    else if (isUnconditionalJump(insn) && insn.target === code[index + 1]) dead.add(insn)
    else if (onlyWritesRegister(insn) && ((live[index] ?? 0) & writtenRegisters(insn)) === 0) dead.add(insn)
  }
  return dead
}

function reachable(
  code: readonly Instruction[],
  indexOf: ReadonlyMap<Instruction, number>,
): Set<Instruction> {
  const reached = new Set<Instruction>()
  const queue = [0]
  for (let start = queue.pop(); start !== undefined; start = queue.pop()) {
    for (let index: number | undefined = start; index !== undefined; ) {
      const insn: Instruction | undefined = code[index]
      if (insn === undefined || reached.has(insn)) break
      reached.add(insn)
      if (isExit(insn)) break
      const target: number | undefined = insn.target === undefined ? undefined : indexOf.get(insn.target)
      if (isUnconditionalJump(insn)) {
        index = target
      } else {
        if (target !== undefined) queue.push(target)
        index = index + 1
      }
    }
  }
  return reached
}

/** The registers that are read again after each instruction: backwards to a fixed point. */
function liveAfter(code: readonly Instruction[], indexOf: ReadonlyMap<Instruction, number>): RegisterSet[] {
  const before: RegisterSet[] = new Array(code.length + 1).fill(0)
  const after: RegisterSet[] = new Array(code.length).fill(0)
  for (let changed = true; changed; ) {
    changed = false
    for (let index = code.length - 1; index >= 0; index--) {
      const insn = code[index]
      if (insn === undefined) continue
      const falls = isExit(insn) || isUnconditionalJump(insn) ? 0 : (before[index + 1] ?? 0)
      const jumps =
        isJump(insn) && insn.target !== undefined ? (before[indexOf.get(insn.target) ?? -1] ?? 0) : 0
      const out = falls | jumps
      const written = writtenRegisters(insn)
      // What nobody reads needs nothing itself: so a whole chain of values dies at once.
      const unread = onlyWritesRegister(insn) && (out & written) === 0
      const into = (out & ~written) | (unread ? 0 : readRegisters(insn))
      if (out !== after[index] || into !== before[index]) changed = true
      after[index] = out
      before[index] = into
    }
  }
  return after
}
