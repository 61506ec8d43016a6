import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runProgram } from '../../../../test/support/bpf-machine.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { arithmeticPrograms } from '../../../../test/support/random-programs.js'
import { bpf_attr_test } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { libc } from '../sys/libc.js'
import { allocate } from '../sys/memory.js'
import { tryLoadProgram } from '../sys/program.js'
import { packStruct } from '../sys/struct.js'
import { copyInstructions, encodeInstructions } from './codec.js'
import { foldConstants } from './fold-constants.js'
import type { Instruction } from './instruction.js'
import { instruction } from './instruction.js'

/** Loads code and lets the kernel run it once (BPF_PROG_TEST_RUN, Linux 4.12); what it returned. */
function runInKernel(code: readonly Instruction[]): number {
  const fd = load(code)
  if (fd < 0) throw new Error(`the kernel does not take it: ${fd}`)
  try {
    // A packet of the least size.
    const packet = allocate(64)
    const attributes = packStruct(bpf_attr_test, {
      prog_fd: fd,
      data_size_in: 64,
      data_in: packet,
      repeat: 1,
    })
    const result = bpf('BPF_PROG_TEST_RUN', attributes)
    if (result < 0) throw new Error(`the kernel does not run it: ${result}`)
    return attributes.view.getUint32(bpf_attr_test.fields.retval.offset, true)
  } finally {
    libc().close(fd)
  }
}

function load(code: readonly Instruction[]): number {
  return tryLoadProgram({
    name: 'machine',
    type: 'BPF_PROG_TYPE_SOCKET_FILTER',
    license: 'GPL',
    code: encodeInstructions(code),
  })
}

/** Whether this kernel knows the fourth version of the set. */
function takesRecent(): boolean {
  const fd = load([
    instruction({ opcode: 0xb7, dst: 0, imm: 1 }),
    instruction({ opcode: 0xbf, dst: 0, src: 0, offset: 8 }),
    instruction({ opcode: 0x95 }),
  ])
  if (fd >= 0) libc().close(fd)
  return fd >= 0
}

const machine = (code: readonly Instruction[]) =>
  Number(BigInt.asUintN(32, runProgram(code, { data: new Map() }, 1000)?.r0 ?? -1n))

describeKernel('the machine that folding constants is held against', () => {
  it('computes as this kernel does', () => {
    fc.assert(
      fc.property(arithmeticPrograms(takesRecent()), (code) => {
        expect(machine(code)).toBe(runInKernel(code))
      }),
      { numRuns: 1000 },
    )
  })

  it('and what folding leaves, the kernel computes to the same', () => {
    fc.assert(
      fc.property(arithmeticPrograms(takesRecent()), (code) => {
        const folded = foldConstants(copyInstructions(code), () => undefined)
        expect(runInKernel(folded)).toBe(runInKernel(code))
      }),
      { numRuns: 500 },
    )
  })
})
