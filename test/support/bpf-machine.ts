import type { Instruction } from '../../packages/bpf/src/asm/instruction.js'

/** Helpers whose C prototype has no parameter, by the numbers of include/uapi/linux/bpf.h up to 208. */
const NO_ARGUMENTS: ReadonlySet<number> = new Set([5, 7, 8, 14, 15, 35, 42, 80, 118, 125, 158, 160, 208])

/**
 * The BPF instruction set as RFC 9669 defines it, run on numbers: written from the text, knowing nothing of how the
 * sources decode, print or fold instructions. What programs do outside is a trace: stores, and calls of helpers.
 *
 * Everything can be run. Memory that nothing was put into holds bytes that follow from their address; read-only data
 * takes no stores; a helper's answer follows from its number, its arguments and how many were called before.
 */
export interface Outcome {
  readonly r0: bigint
  /** What was done, in order: `store ADDRESS SIZE VALUE`, `call NUMBER ARGUMENTS`. */
  readonly trace: readonly string[]
}

/** Where a program runs: the bytes of its data sections by name, and which of them it cannot write. */
export interface Surroundings {
  readonly data: ReadonlyMap<string, { readonly bytes: Uint8Array; readonly readOnly: boolean }>
}

const u64 = (value: bigint) => BigInt.asUintN(64, value)

/** Numbers that follow from others and look like none. */
function scramble(...values: bigint[]): bigint {
  let hash = 0xcbf29ce484222325n
  for (const value of values) hash = u64((hash ^ u64(value)) * 0x100000001b3n) ^ (hash >> 29n)
  return u64(hash * 0x9e3779b97f4a7c15n)
}

/**
 * Runs code from its first instruction to an `exit`.
 *
 * @param observe is told of each step: the instruction, and the registers before and after it
 * @returns what came of it; `undefined` if it does not end within the steps
 */
export function runProgram(
  code: readonly Instruction[],
  surroundings: Surroundings,
  steps: number,
  observe?: (insn: Instruction, before: readonly bigint[], after: readonly bigint[]) => void,
): Outcome | undefined {
  return new Machine(code, surroundings).run(steps, observe)
}

/** Data sections begin at these, far from each other and from the stack. */
const sectionAddress = (index: number) => 0x7700_0000_0000n + BigInt(index) * 0x1_0000_0000n
const STACK = 0x5500_0000_1000n
const CONTEXT = 0x6600_0000_0000n

class Machine {
  readonly #code: readonly Instruction[]
  readonly #indexOf: Map<Instruction, number>
  readonly #surroundings: Surroundings
  readonly #bases: Map<string, bigint>
  readonly #memory = new Map<bigint, number>()
  readonly #trace: string[] = []
  readonly #registers: bigint[] = Array.from({ length: 11 }, (_, index) => scramble(BigInt(index)))
  #calls = 0n

  constructor(code: readonly Instruction[], surroundings: Surroundings) {
    this.#code = code
    this.#indexOf = new Map(code.map((insn, index) => [insn, index]))
    this.#surroundings = surroundings
    this.#bases = new Map([...surroundings.data.keys()].map((name, index) => [name, sectionAddress(index)]))
    for (const [name, { bytes }] of surroundings.data) {
      const base = this.#bases.get(name) ?? 0n
      for (const [offset, byte] of bytes.entries()) this.#memory.set(base + BigInt(offset), byte)
    }
    this.#registers[1] = CONTEXT
    this.#registers[10] = STACK
  }

  run(steps: number, observe?: Parameters<typeof runProgram>[3]): Outcome | undefined {
    let at = 0
    for (let step = 0; step < steps; step++) {
      const insn = this.#code[at]
      if (insn === undefined) throw new Error(`the program runs past its end, to ${at}`)
      if (insn.opcode === 0x95) return { r0: this.#get(0), trace: this.#trace }
      const before = observe === undefined ? [] : [...this.#registers]
      at = this.#step(insn) ? this.#targetOf(insn) : at + 1
      observe?.(insn, before, this.#registers)
    }
    return undefined
  }

  #targetOf(insn: Instruction): number {
    const index = insn.target === undefined ? undefined : this.#indexOf.get(insn.target)
    if (index === undefined) throw new Error('a jump leads out of the program')
    return index
  }

  #get(register: number): bigint {
    const value = this.#registers[register]
    if (value === undefined) throw new Error(`there is no r${register}`)
    return value
  }

  #set(register: number, value: bigint): void {
    this.#registers[register] = u64(value)
  }

  /** Does one instruction; whether it jumps. */
  #step(insn: Instruction): boolean {
    switch (insn.opcode & 7) {
      case 0:
        this.#load(insn)
        return false
      case 1: {
        const size = accessSize(insn.opcode)
        const value = this.#read(this.#get(insn.src) + BigInt(insn.offset), size)
        this.#set(insn.dst, (insn.opcode & 0xe0) === 0x80 ? BigInt.asIntN(size * 8, value) : value)
        return false
      }
      case 2:
        this.#write(this.#get(insn.dst) + BigInt(insn.offset), accessSize(insn.opcode), BigInt(insn.imm))
        return false
      case 3:
        if ((insn.opcode & 0xe0) === 0xc0) this.#atomic(insn)
        else
          this.#write(this.#get(insn.dst) + BigInt(insn.offset), accessSize(insn.opcode), this.#get(insn.src))
        return false
      case 4:
      case 7:
        this.#set(insn.dst, this.#arithmetic(insn))
        return false
      default:
        return this.#jump(insn)
    }
  }

  /** The 64-bit immediate, and the packet loads. */
  #load(insn: Instruction): void {
    if (insn.opcode === 0x18) {
      this.#set(insn.dst, this.#immediate(insn))
      return
    }
    const index = (insn.opcode & 0xe0) === 0x40 ? this.#get(insn.src) + BigInt(insn.imm) : BigInt(insn.imm)
    const size = accessSize(insn.opcode)
    this.#set(0, BigInt.asUintN(size * 8, scramble(0x5c5c5cn, this.#get(6), index, BigInt(size))))
    this.#forgetArguments()
  }

  #immediate(insn: Instruction): bigint {
    switch (insn.reference?.kind) {
      case 'data':
        return (this.#bases.get(insn.reference.section) ?? 0n) + BigInt(insn.reference.offset)
      case 'map':
      case 'function':
        return 0xffff_8880_0000_0000n + BigInt(insn.reference.name.length)
      default:
        return (BigInt(insn.immHigh >>> 0) << 32n) + BigInt(insn.imm >>> 0)
    }
  }

  #arithmetic(insn: Instruction): bigint {
    const wide = (insn.opcode & 7) === 7
    const bits = wide ? 64 : 32
    const register = (insn.opcode & 8) !== 0
    const truncate = (value: bigint) => BigInt.asUintN(bits, value)
    const signed = (value: bigint) => BigInt.asIntN(bits, value)
    const a = truncate(this.#get(insn.dst))
    const b = truncate(register ? this.#get(insn.src) : BigInt(insn.imm))
    const shift = b & BigInt(bits - 1)
    const signedDivision = insn.offset === 1
    switch (insn.opcode & 0xf0) {
      case 0x00:
        return truncate(a + b)
      case 0x10:
        return truncate(a - b)
      case 0x20:
        return truncate(a * b)
      case 0x30:
        if (b === 0n) return 0n
        return truncate(signedDivision ? signed(a) / signed(b) : a / b)
      case 0x40:
        return a | b
      case 0x50:
        return a & b
      case 0x60:
        return truncate(a << shift)
      case 0x70:
        return a >> shift
      case 0x80:
        return truncate(-a)
      case 0x90:
        if (b === 0n) return a
        return truncate(signedDivision ? signed(a) % signed(b) : a % b)
      case 0xa0:
        return a ^ b
      case 0xb0:
        return insn.offset === 0 ? b : truncate(BigInt.asIntN(insn.offset, b))
      case 0xc0:
        return truncate(signed(a) >> shift)
      case 0xd0: {
        const value = BigInt.asUintN(insn.imm, this.#get(insn.dst))
        return wide || register ? swapped(value, insn.imm / 8) : value
      }
      default:
        throw new Error(`no arithmetic has opcode ${insn.opcode}`)
    }
  }

  #jump(insn: Instruction): boolean {
    const wide = (insn.opcode & 7) === 5
    const operation = insn.opcode & 0xf0
    if (operation === 0x00) return true
    if (wide && operation === 0x80) {
      this.#call(insn.imm)
      return false
    }
    const bits = wide ? 64 : 32
    const a = BigInt.asUintN(bits, this.#get(insn.dst))
    const b = BigInt.asUintN(bits, (insn.opcode & 8) !== 0 ? this.#get(insn.src) : BigInt(insn.imm))
    const [s, t] = [BigInt.asIntN(bits, a), BigInt.asIntN(bits, b)]
    const conditions: Readonly<Record<number, boolean>> = {
      16: a === b,
      32: a > b,
      48: a >= b,
      64: (a & b) !== 0n,
      80: a !== b,
      96: s > t,
      112: s >= t,
      160: a < b,
      176: a <= b,
      192: s < t,
      208: s <= t,
    }
    const taken = conditions[operation]
    if (taken === undefined) throw new Error(`no jump has opcode ${insn.opcode}`)
    return taken
  }

  #call(helper: number): void {
    const registers = NO_ARGUMENTS.has(helper) ? [] : [1, 2, 3, 4, 5]
    const values = registers.map((register) => this.#get(register))
    this.#trace.push(`call ${helper} ${values.join(' ')}`)
    this.#calls++
    this.#set(0, scramble(BigInt(helper), this.#calls, ...values))
    this.#forgetArguments()
  }

  #forgetArguments(): void {
    for (const register of [1, 2, 3, 4, 5])
      this.#set(register, scramble(BigInt(register), this.#calls, 0xdeadn))
  }

  #atomic(insn: Instruction): void {
    const size = accessSize(insn.opcode)
    const address = this.#get(insn.dst) + BigInt(insn.offset)
    const old = this.#read(address, size)
    const source = BigInt.asUintN(size * 8, this.#get(insn.src))
    switch (insn.imm & 0xf0) {
      case 0x00:
        this.#write(address, size, old + source)
        break
      case 0x40:
        this.#write(address, size, old | source)
        break
      case 0x50:
        this.#write(address, size, old & source)
        break
      case 0xa0:
        this.#write(address, size, old ^ source)
        break
      case 0xe0:
        this.#write(address, size, source)
        break
      case 0xf0:
        if (BigInt.asUintN(size * 8, this.#get(0)) === old) this.#write(address, size, source)
        this.#set(0, old)
        return
    }
    if ((insn.imm & 1) !== 0) this.#set(insn.src, old)
  }

  #read(address: bigint, size: number): bigint {
    let value = 0n
    for (let index = size - 1; index >= 0; index--) {
      const at = u64(address + BigInt(index))
      value = (value << 8n) | BigInt(this.#memory.get(at) ?? Number(scramble(at) & 0xffn))
    }
    return value
  }

  #write(address: bigint, size: number, value: bigint): void {
    this.#trace.push(`store ${u64(address)} ${size} ${BigInt.asUintN(size * 8, value)}`)
    for (let index = 0; index < size; index++) {
      const at = u64(address + BigInt(index))
      if (!this.#isReadOnly(at)) this.#memory.set(at, Number((value >> BigInt(index * 8)) & 0xffn))
    }
  }

  #isReadOnly(address: bigint): boolean {
    for (const [name, { bytes, readOnly }] of this.#surroundings.data) {
      const base = this.#bases.get(name) ?? 0n
      if (readOnly && address >= base && address < base + BigInt(bytes.length)) return true
    }
    return false
  }
}

/** Bytes that a load or store moves, by the size bits. */
function accessSize(opcode: number): number {
  switch (opcode & 0x18) {
    case 0x00:
      return 4
    case 0x08:
      return 2
    case 0x10:
      return 1
    default:
      return 8
  }
}

function swapped(value: bigint, bytes: number): bigint {
  let result = 0n
  for (let index = 0; index < bytes; index++) result = (result << 8n) | ((value >> BigInt(index * 8)) & 0xffn)
  return result
}
