/**
 * The numbers of the BPF instruction set: RFC 9669.
 *
 * An opcode byte is class (3 bits) | for loads and stores: size (2), mode (3) | for arithmetic and jumps: source (1),
 * operation (4).
 */

export const CLASS = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, jmp32: 6, alu64: 7 } as const
export const SIZE = { w: 0x00, h: 0x08, b: 0x10, dw: 0x18 } as const
export const MODE = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, memsx: 0x80, atomic: 0xc0 } as const
export const SOURCE = { immediate: 0x00, register: 0x08 } as const
export const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  arsh: 0xc0,
  end: 0xd0,
} as const
export const JMP = {
  ja: 0x00,
  jeq: 0x10,
  jgt: 0x20,
  jge: 0x30,
  jset: 0x40,
  jne: 0x50,
  jsgt: 0x60,
  jsge: 0x70,
  call: 0x80,
  exit: 0x90,
  jlt: 0xa0,
  jle: 0xb0,
  jslt: 0xc0,
  jsle: 0xd0,
  jcond: 0xe0,
} as const

/** The two-slot load of a 64-bit immediate, the only wide instruction. */
export const LD_IMM64 = CLASS.ld | SIZE.dw | MODE.imm

/** What the source register of LD_IMM64 says about the immediate (BPF_PSEUDO_*). */
export const PSEUDO = { none: 0, mapFd: 1, mapValue: 2, btfId: 3, function: 4 } as const
/** What the source register of a call says about it. */
export const CALL = { helper: 0, local: 1, kfunc: 2 } as const

export const classOf = (opcode: number): number => opcode & 0x07
export const sizeOf = (opcode: number): number => opcode & 0x18
export const modeOf = (opcode: number): number => opcode & 0xe0
export const operationOf = (opcode: number): number => opcode & 0xf0
export const usesRegister = (opcode: number): boolean => (opcode & SOURCE.register) !== 0

/** Bytes that a load or store of a size moves. */
export function sizeInBytes(opcode: number): 1 | 2 | 4 | 8 {
  switch (sizeOf(opcode)) {
    case SIZE.w:
      return 4
    case SIZE.h:
      return 2
    case SIZE.b:
      return 1
    default:
      return 8
  }
}

/** The size bits for a number of bytes, `undefined` if no load has that size. */
export function sizeBits(bytes: number): number | undefined {
  switch (bytes) {
    case 1:
      return SIZE.b
    case 2:
      return SIZE.h
    case 4:
      return SIZE.w
    case 8:
      return SIZE.dw
    default:
      return undefined
  }
}
