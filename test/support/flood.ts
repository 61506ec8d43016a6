import { BuiltProcess } from './built.js'

/** What a process of its own is to have a program of emit.bpf.c hand out. */
export interface Flood {
  /** The program's number. */
  readonly program: number
  readonly cpu: number
  /** Records in all, how large, and the number of the first. */
  readonly total: number
  readonly size?: number
  readonly first?: number
  /** Records of one run at most; each run has between one and so many. */
  readonly burst: number
  /** With pauses of every length around what a turn of the event loop takes; otherwise without any. */
  readonly paced?: boolean
  /** How long the program holds a record back. */
  readonly holdNs?: number
  /** Whether the process itself stays on the CPU that it hands records out on: taskset(1). */
  readonly pinned?: boolean
}

/** Starts it; it answers `done` at its end. */
export function startFlood(flood: Flood): BuiltProcess {
  const { program, cpu, total, size = 24, first = 0, burst, paced = false, holdNs = 0 } = flood
  const prefix = flood.pinned === true ? ['taskset', '-c', String(cpu)] : []
  return new BuiltProcess(
    `
    const { bpf } = await import(dist + 'sys/bpf.js')
    const { packStruct } = await import(dist + 'sys/struct.js')
    const { allocate } = await import(dist + 'sys/memory.js')
    const { bpf_attr_get_id, bpf_attr_test } = await import(dist + 'sys/abi.generated.js')
    const prog_fd = bpf('BPF_PROG_GET_FD_BY_ID', packStruct(bpf_attr_get_id, { prog_id: ${program} }))
    const ctx_in = allocate(32)
    // From a fixed seed, by the constants of C's own example of rand().
    let seed = 42
    const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    const pause = new Int32Array(new SharedArrayBuffer(4))
    for (let done = 0; done < ${total}; ) {
      const count = Math.min(${total} - done, 1 + random(${burst}))
      for (const [index, value] of [count, ${size}, ${first} + done, ${holdNs}].entries())
        ctx_in.view.setBigUint64(index * 8, BigInt(value), true)
      const attributes = packStruct(bpf_attr_test, { prog_fd, ctx_size_in: 32, ctx_in, flags: 1, cpu: ${cpu} })
      const result = bpf('BPF_PROG_TEST_RUN', attributes)
      if (result !== 0) throw new Error('BPF_PROG_TEST_RUN: ' + result)
      done += count
      if (!${paced}) continue
      const kind = random(10)
      if (kind === 0) Atomics.wait(pause, 0, 0, 1)
      else for (let spin = random(3000) * kind; spin > 0; spin--);
    }
    answer('done')`,
    { prefix },
  )
}
