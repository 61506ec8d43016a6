import { type Instruction, isCall, isExit, isJump, isUnconditionalJump, isWide } from './instruction.js'
import { ALU, CLASS, classOf, MODE, modeOf, operationOf, usesRegister } from './opcode.js'

/** Registers as bits: bit n is rn. */
export type RegisterSet = number

const bit = (register: number): RegisterSet => 1 << register
/** r1 to r5 pass arguments and are lost in a call. */
const ARGUMENTS = 0b111110
const FETCH = 1
/** `src` of a call of one of the kernel's helpers, whose number is `imm`. */
const HELPER = 0
/**
 * Helpers that take no argument (include/uapi/linux/bpf.h): what stands in r1 to r5 is nothing to them. In their order:
 * ktime_get_ns, get_prandom_u32, get_smp_processor_id, get_current_pid_tgid, get_current_uid_gid, get_current_task,
 * get_numa_node_id, get_current_cgroup_id, jiffies64, ktime_get_boot_ns, get_current_task_btf, ktime_get_coarse_ns,
 * ktime_get_tai_ns.
 */
const WITHOUT_ARGUMENTS: ReadonlySet<number> = new Set([5, 7, 8, 14, 15, 35, 42, 80, 118, 125, 158, 160, 208])

/** The registers whose values an instruction uses. A call is taken to use all five arguments, unless it is known to take none. */
export function readRegisters(insn: Instruction): RegisterSet {
  if (isWide(insn)) return 0
  if (isExit(insn)) return bit(0)
  if (isCall(insn)) return insn.src === HELPER && WITHOUT_ARGUMENTS.has(insn.imm) ? 0 : ARGUMENTS
  if (isJump(insn)) {
    if (isUnconditionalJump(insn)) return 0
    return bit(insn.dst) | (usesRegister(insn.opcode) ? bit(insn.src) : 0)
  }
  switch (classOf(insn.opcode)) {
    case CLASS.alu:
    case CLASS.alu64: {
      const operation = operationOf(insn.opcode)
      const source =
        usesRegister(insn.opcode) && operation !== ALU.end && operation !== ALU.neg ? bit(insn.src) : 0
      return operation === ALU.mov ? source : source | bit(insn.dst)
    }
    case CLASS.ldx:
      return bit(insn.src)
    case CLASS.st:
      return bit(insn.dst)
    case CLASS.stx:
      // cmpxchg compares with r0
      return (
        bit(insn.dst) |
        bit(insn.src) |
        (modeOf(insn.opcode) === MODE.atomic && (insn.imm & 0xf0) === 0xf0 ? bit(0) : 0)
      )
    default:
      // the packet loads BPF_ABS and BPF_IND: r6 holds the context
      return bit(6) | bit(insn.src)
  }
}

/** The registers that an instruction changes. */
export function writtenRegisters(insn: Instruction): RegisterSet {
  if (isWide(insn)) return bit(insn.dst)
  if (isCall(insn)) return bit(0) | ARGUMENTS
  if (isExit(insn) || isJump(insn)) return 0
  switch (classOf(insn.opcode)) {
    case CLASS.alu:
    case CLASS.alu64:
    case CLASS.ldx:
      return bit(insn.dst)
    case CLASS.stx:
      if (modeOf(insn.opcode) !== MODE.atomic || (insn.imm & FETCH) === 0) return 0
      return (insn.imm & 0xf0) === 0xf0 ? bit(0) : bit(insn.src)
    case CLASS.ld:
      return bit(0) | ARGUMENTS
    default:
      return 0
  }
}

/** Whether all that an instruction does is to change its destination register: if nobody reads that, it can go. */
export function onlyWritesRegister(insn: Instruction): boolean {
  if (isWide(insn)) return true
  const kind = classOf(insn.opcode)
  return kind === CLASS.alu || kind === CLASS.alu64 || kind === CLASS.ldx
}
