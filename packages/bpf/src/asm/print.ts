import { slotIndex } from './codec.js'
import {
  type Instruction,
  isCall,
  isExit,
  isJump,
  isUnconditionalJump,
  isWide,
  wideImmediate,
} from './instruction.js'
import {
  ALU,
  CALL,
  CLASS,
  classOf,
  JMP,
  MODE,
  modeOf,
  operationOf,
  sizeInBytes,
  usesRegister,
} from './opcode.js'

const ALU_SIGNS: Readonly<Record<number, string>> = {
  [ALU.add]: '+=',
  [ALU.sub]: '-=',
  [ALU.mul]: '*=',
  [ALU.div]: '/=',
  [ALU.or]: '|=',
  [ALU.and]: '&=',
  [ALU.lsh]: '<<=',
  [ALU.rsh]: '>>=',
  [ALU.mod]: '%=',
  [ALU.xor]: '^=',
  [ALU.mov]: '=',
  [ALU.arsh]: 's>>=',
}
const JUMP_SIGNS: Readonly<Record<number, string>> = {
  [JMP.jeq]: '==',
  [JMP.jgt]: '>',
  [JMP.jge]: '>=',
  [JMP.jset]: '&',
  [JMP.jne]: '!=',
  [JMP.jsgt]: 's>',
  [JMP.jsge]: 's>=',
  [JMP.jlt]: '<',
  [JMP.jle]: '<=',
  [JMP.jslt]: 's<',
  [JMP.jsle]: 's<=',
}

/**
 * Writes code as text, a line an instruction, in the notation of the kernel's verifier and of llvm-objdump:
 * `   3: r1 = *(u64 *)(r10 - 8)`. Numbers count slots, as they do in a verifier's log.
 */
export function printInstructions(code: readonly Instruction[]): string {
  const { at } = slotIndex(code)
  return code
    .map((insn) => {
      const slot = at.get(insn) ?? 0
      return `${String(slot).padStart(5)}: ${printInstruction(insn, (target) => at.get(target))}`
    })
    .join('\n')
}

/** One instruction as text; `slotOf` tells where a jump's target lies. */
export function printInstruction(
  insn: Instruction,
  slotOf: (target: Instruction) => number | undefined = () => undefined,
): string {
  const text = body(insn, slotOf)
  return insn.poison === undefined ? text : `${text} ; must not run: ${insn.poison}`
}

function body(insn: Instruction, slotOf: (target: Instruction) => number | undefined): string {
  if (isWide(insn)) return `r${insn.dst} = ${wideText(insn)}`
  if (isExit(insn)) return 'exit'
  if (isCall(insn)) return callText(insn)
  if (isJump(insn)) return jumpText(insn, slotOf)
  switch (classOf(insn.opcode)) {
    case CLASS.alu:
    case CLASS.alu64:
      return aluText(insn)
    case CLASS.ldx:
      return `r${insn.dst} = ${memory(insn, insn.src, modeOf(insn.opcode) === MODE.memsx ? 's' : 'u')}`
    case CLASS.stx:
      if (modeOf(insn.opcode) === MODE.atomic)
        return `lock ${memory(insn, insn.dst, 'u')} ${atomicText(insn)}`
      return `${memory(insn, insn.dst, 'u')} = r${insn.src}`
    case CLASS.st:
      return `${memory(insn, insn.dst, 'u')} = ${insn.imm}`
    default:
      return `opcode 0x${insn.opcode.toString(16)} dst ${insn.dst} src ${insn.src} offset ${insn.offset} imm ${insn.imm}`
  }
}

function wideText(insn: Instruction): string {
  const { reference } = insn
  switch (reference?.kind) {
    case 'map':
      return `map[${reference.name}]`
    case 'data':
      return `data[${reference.section}+${reference.offset}]`
    case 'function':
      return `function[${reference.name}]`
    default:
      return `0x${wideImmediate(insn).toString(16)} ll${insn.src === 0 ? '' : ` (pseudo ${insn.src})`}`
  }
}

function callText(insn: Instruction): string {
  if (insn.reference?.kind === 'function') return `call ${insn.reference.name}`
  if (insn.src === CALL.local) return `call pc${signed(insn.imm)}`
  return insn.src === CALL.kfunc ? `call kfunc#${insn.imm}` : `call helper#${insn.imm}`
}

function jumpText(insn: Instruction, slotOf: (target: Instruction) => number | undefined): string {
  const slot = insn.target === undefined ? undefined : slotOf(insn.target)
  const to = slot === undefined ? `goto ${signed(insn.offset)}` : `goto ${slot}`
  if (isUnconditionalJump(insn)) return to
  const w = classOf(insn.opcode) === CLASS.jmp32 ? 'w' : 'r'
  const sign = JUMP_SIGNS[operationOf(insn.opcode)] ?? `op${operationOf(insn.opcode)}`
  return `if ${w}${insn.dst} ${sign} ${usesRegister(insn.opcode) ? `${w}${insn.src}` : insn.imm} ${to}`
}

function aluText(insn: Instruction): string {
  const w = classOf(insn.opcode) === CLASS.alu ? 'w' : 'r'
  const operation = operationOf(insn.opcode)
  if (operation === ALU.neg) return `${w}${insn.dst} = -${w}${insn.dst}`
  if (operation === ALU.end) {
    const order = classOf(insn.opcode) === CLASS.alu64 ? 'bswap' : usesRegister(insn.opcode) ? 'be' : 'le'
    return `r${insn.dst} = ${order}${insn.imm} r${insn.dst}`
  }
  const sign = ALU_SIGNS[operation] ?? `op${operation}`
  return `${w}${insn.dst} ${sign} ${usesRegister(insn.opcode) ? `${w}${insn.src}` : insn.imm}`
}

const ATOMICS: Readonly<Record<number, string>> = {
  [ALU.add]: '+=',
  [ALU.or]: '|=',
  [ALU.and]: '&=',
  [ALU.xor]: '^=',
  224: 'xchg',
  240: 'cmpxchg',
}

function atomicText(insn: Instruction): string {
  const fetch = (insn.imm & 1) !== 0 ? ' (fetch)' : ''
  return `${ATOMICS[insn.imm & 0xf0] ?? `op${insn.imm}`} r${insn.src}${fetch}`
}

function memory(insn: Instruction, register: number, sign: 's' | 'u'): string {
  return `*(${sign}${sizeInBytes(insn.opcode) * 8} *)(r${register} ${insn.offset < 0 ? '-' : '+'} ${Math.abs(insn.offset)})`
}

function signed(value: number): string {
  return value < 0 ? `${value}` : `+${value}`
}
