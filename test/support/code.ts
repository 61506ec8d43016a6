import { encodeInstructions } from '../../packages/bpf/src/asm/codec.js'
import { type Instruction, instruction } from '../../packages/bpf/src/asm/instruction.js'

/** An instruction by its opcode: include/uapi/linux/bpf.h and bpf_common.h. */
const insn = (opcode: number, dst = 0, src = 0, offset = 0, imm = 0): Instruction =>
  instruction({ opcode, dst, src, offset, imm })

export const set = (dst: number, imm: number): Instruction => insn(0xb7, dst, 0, 0, imm)
export const copy = (dst: number, src: number): Instruction => insn(0xbf, dst, src)
export const add = (dst: number, imm: number): Instruction => insn(0x07, dst, 0, 0, imm)
export const addRegister = (dst: number, src: number): Instruction => insn(0x0f, dst, src)
export const load64 = (dst: number, src: number, offset: number): Instruction => insn(0x79, dst, src, offset)
export const store32 = (dst: number, offset: number, imm: number): Instruction =>
  insn(0x62, dst, 0, offset, imm)
export const ifLess = (dst: number, imm: number, offset: number): Instruction =>
  insn(0xa5, dst, 0, offset, imm)
export const ifEqual = (dst: number, imm: number, offset: number): Instruction =>
  insn(0x15, dst, 0, offset, imm)
export const call = (helper: number): Instruction => insn(0x85, 0, 0, 0, helper)
export const exit = (): Instruction => insn(0x95)
/** The address of a map, by its descriptor. */
export const loadMap = (dst: number, fd: number): Instruction =>
  instruction({ opcode: 0x18, dst, src: 1, imm: fd, immHigh: 0 })

/** Looks the key 0 of a map up: the value's address, or 0, is in register 0 then. */
export const lookUpZero = (fd: number): Instruction[] => [
  store32(10, -4, 0),
  copy(2, 10),
  add(2, -4),
  loadMap(1, fd),
  call(1),
]

export const encode = (...code: readonly (Instruction | readonly Instruction[])[]): Uint8Array =>
  encodeInstructions(code.flat())
