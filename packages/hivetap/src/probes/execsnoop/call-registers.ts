import { arch } from 'node:os'
import { UnsupportedError } from '@hivetap/bpf'

/** Where the kernel keeps what a system call was called with: numbers of calls, and offsets in struct pt_regs. */
export interface CallRegisters {
  readonly execveNumber: number
  readonly execveatNumber: number
  readonly numberOffset: number
  readonly argument0Offset: number
  readonly argument1Offset: number
  readonly argument2Offset: number
  /** Where the bits are that tell a program of 64 bits, which they are, and their values: those of 32 have other numbers. */
  readonly modeOffset: number
  readonly modeMask: number
  readonly mode64: number
}

/**
 * Of the architectures that hivetap runs on. These are part of the interface to user space and do not change:
 * arch/x86/include/uapi/asm/ptrace.h (struct pt_regs) and arch/x86/include/asm/segment.h (__USER_CS);
 * arch/arm64/include/asm/ptrace.h (struct pt_regs: user_pt_regs, orig_x0, syscallno; PSR_MODE32_BIT of pstate).
 */
const REGISTERS: Readonly<Record<string, CallRegisters>> = {
  x64: {
    execveNumber: 59,
    execveatNumber: 322,
    numberOffset: 120,
    argument0Offset: 112,
    argument1Offset: 104,
    argument2Offset: 96,
    modeOffset: 136,
    modeMask: 0xffff,
    mode64: 0x33,
  },
  arm64: {
    execveNumber: 221,
    execveatNumber: 281,
    numberOffset: 280,
    argument0Offset: 272,
    argument1Offset: 8,
    argument2Offset: 16,
    modeOffset: 264,
    modeMask: 0x10,
    mode64: 0,
  },
}

/** @throws {UnsupportedError} on another architecture */
export function callRegisters(): CallRegisters {
  const known = REGISTERS[arch()]
  if (known === undefined)
    throw new UnsupportedError(`Where a system call's arguments are kept on ${arch()} is not known`)
  return known
}
