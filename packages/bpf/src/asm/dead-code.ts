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
function liveAfter(code: readonly Instruction[], indexOf: ReadonlyMap<Instruction, number>): Int32Array {
  const uses = code.map((insn) => usesOf(insn, indexOf))
  const before = new Int32Array(code.length + 1)
  const after = new Int32Array(code.length)
  for (let changed = true; changed; ) {
    changed = false
    for (let index = code.length - 1; index >= 0; index--) {
      const { falls, target, read, written, removable } = uses[index] as Uses
      const out = (falls ? (before[index + 1] ?? 0) : 0) | (before[target] ?? 0)
      // What nobody reads needs nothing itself: so a whole chain of values dies at once.
      const unread = removable && (out & written) === 0
      const into = (out & ~written) | (unread ? 0 : read)
      if (out !== after[index] || into !== before[index]) changed = true
      after[index] = out
      before[index] = into
    }
  }
  return after
}

/** What is asked of an instruction each time that it is passed. */
interface Uses {
  /** Whether the next one may run after it. */
  readonly falls: boolean
  /** Where it may jump to; −1 for nowhere. */
  readonly target: number
  readonly read: RegisterSet
  readonly written: RegisterSet
  readonly removable: boolean
}

function usesOf(insn: Instruction, indexOf: ReadonlyMap<Instruction, number>): Uses {
  return {
    falls: !isExit(insn) && !isUnconditionalJump(insn),
    target: insn.target === undefined || !isJump(insn) ? -1 : (indexOf.get(insn.target) ?? -1),
    read: readRegisters(insn),
    written: writtenRegisters(insn),
    removable: onlyWritesRegister(insn),
  }
}
