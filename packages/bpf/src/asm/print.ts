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
 * Writes code as text, a line an instruction, in the notation of llvm-objdump, which is nearly that of the kernel's
 * verifier: `   3: r1 = *(u64 *)(r10 - 8)`. Numbers are decimal; those in front and behind `goto` count slots, as they do
 * in a verifier's log.
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
      if (modeOf(insn.opcode) === MODE.atomic) return atomicText(insn)
      return `${memory(insn, insn.dst, 'u')} = r${insn.src}`
    case CLASS.st:
      return `${memory(insn, insn.dst, 'u')} = ${insn.imm}`
    default:
      if (modeOf(insn.opcode) === MODE.abs) return `r0 = ${packet(insn, `${insn.imm}`)}`
      if (modeOf(insn.opcode) === MODE.ind) return `r0 = ${packet(insn, `r${insn.src}`)}`
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
  const long = classOf(insn.opcode) === CLASS.jmp32
  const place =
    slot === undefined ? signed(long && isUnconditionalJump(insn) ? insn.imm : insn.offset) : `${slot}`
  if (isUnconditionalJump(insn)) return `${long ? 'gotol' : 'goto'} ${place}`
  if (operationOf(insn.opcode) === JMP.jcond) return `may_goto ${place}`
  const to = `goto ${place}`
  const w = long ? 'w' : 'r'
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
  const operand = usesRegister(insn.opcode) ? `${w}${insn.src}` : `${insn.imm}`
  if (insn.offset === 0) return `${w}${insn.dst} ${sign} ${operand}`
  // The fourth version of the set: a move that extends a sign, signed division.
  return operation === ALU.mov
    ? `${w}${insn.dst} = (s${insn.offset})${operand}`
    : `${w}${insn.dst} s${sign} ${operand}`
}

const ATOMICS: Readonly<Record<number, { readonly sign: string; readonly name: string }>> = {
  [ALU.add]: { sign: '+=', name: 'add' },
  [ALU.or]: { sign: '|=', name: 'or' },
  [ALU.and]: { sign: '&=', name: 'and' },
  [ALU.xor]: { sign: '^=', name: 'xor' },
}
const XCHG = 0xe1
const CMPXCHG = 0xf1

function atomicText(insn: Instruction): string {
  const narrow = sizeInBytes(insn.opcode) === 4
  const w = narrow ? 'w' : 'r'
  const suffix = narrow ? '32_32' : '_64'
  const source = `${w}${insn.src}`
  if (insn.imm === XCHG) return `${source} = xchg${suffix}(${place(insn, insn.dst)}, ${source})`
  if (insn.imm === CMPXCHG) return `${w}0 = cmpxchg${suffix}(${place(insn, insn.dst)}, ${w}0, ${source})`
  const known = ATOMICS[insn.imm & 0xf0] ?? { sign: `op${insn.imm}`, name: `op${insn.imm}` }
  if ((insn.imm & 1) === 0) return `lock ${memory(insn, insn.dst, 'u')} ${known.sign} r${insn.src}`
  const type = `(u${sizeInBytes(insn.opcode) * 8} *)`
  return `${source} = atomic_fetch_${known.name}(${type}(${place(insn, insn.dst)}), ${source})`
}

function packet(insn: Instruction, index: string): string {
  return `*(u${sizeInBytes(insn.opcode) * 8} *)skb[${index}]`
}

function memory(insn: Instruction, register: number, sign: 's' | 'u'): string {
  return `*(${sign}${sizeInBytes(insn.opcode) * 8} *)(${place(insn, register)})`
}

function place(insn: Instruction, register: number): string {
  return `r${register} ${insn.offset < 0 ? '-' : '+'} ${Math.abs(insn.offset)}`
}

function signed(value: number): string {
  return value < 0 ? `${value}` : `+${value}`
}
