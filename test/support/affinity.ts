import { libc } from '../../packages/bpf/src/sys/libc.js'
import { allocate } from '../../packages/bpf/src/sys/memory.js'

/** sched_setaffinity(2) and sched_getaffinity(2): both machines that the package runs on. */
const CALLS = process.arch === 'arm64' ? { set: 122, get: 123 } : { set: 203, get: 204 }
/** CPUs that a set has room for, in bytes. */
const SET_SIZE = 128

/** Keeps this thread on one CPU. @returns puts things back */
export function stayOn(cpu: number): () => void {
  const before = allocate(SET_SIZE)
  const got = libc().systemCall(CALLS.get, 0, SET_SIZE, before)
  const only = allocate(SET_SIZE)
  only.bytes[cpu >> 3] = 1 << (cpu & 7)
  const set = libc().systemCall(CALLS.set, 0, SET_SIZE, only)
  if (got < 0 || set < 0) throw new Error(`sched_setaffinity: errno ${-Math.min(got, set)}`)
  return () => {
    libc().systemCall(CALLS.set, 0, SET_SIZE, before)
  }
}
