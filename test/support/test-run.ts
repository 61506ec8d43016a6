import { has } from '../../packages/bpf/src/features/feature.js'
import { probeMapKind } from '../../packages/bpf/src/features/maps.js'
import { loadObject } from '../../packages/bpf/src/object/load-object.js'
import { bpf_attr_test } from '../../packages/bpf/src/sys/abi.generated.js'
import { bpf } from '../../packages/bpf/src/sys/bpf.js'
import { onlineCpus } from '../../packages/bpf/src/sys/cpus.js'
import { allocate } from '../../packages/bpf/src/sys/memory.js'
import { packStruct } from '../../packages/bpf/src/sys/struct.js'
import { readFixture } from './fixture.js'
import { kernelTestsBlockedBy } from './kernel.js'

/** BPF_F_TEST_RUN_ON_CPU, include/uapi/linux/bpf.h. */
const ON_CPU = 1

/**
 * Runs a raw tracepoint's program once, as if its tracepoint had been hit: BPF_PROG_TEST_RUN, Linux 5.10.
 *
 * @param context the tracepoint's arguments
 * @returns 0, or a negative error number
 */
export function runProgram(program: number, context: readonly number[], cpu: number): number {
  const memory = allocate(context.length * 8)
  for (const [index, value] of context.entries()) memory.view.setBigUint64(index * 8, BigInt(value), true)
  return bpf(
    'BPF_PROG_TEST_RUN',
    packStruct(bpf_attr_test, {
      prog_fd: program,
      ctx_size_in: memory.bytes.byteLength,
      ctx_in: memory,
      flags: ON_CPU,
      cpu,
    }),
  )
}

/** Whether this kernel runs programs on demand, and has ring buffers: otherwise tests that need it are left out. */
export function canRunPrograms(): boolean {
  if (kernelTestsBlockedBy() !== undefined || !has(probeMapKind('ringbuf'))) return false
  const [cpu = 0] = onlineCpus()
  using object = loadObject(readFixture('emit'), { programs: ['emit'], constants: { ring_buffer: true } })
  return runProgram(object.program('emit').fileDescriptor, [0, 8, 0, 0], cpu) === 0
}
