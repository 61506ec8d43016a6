import { libc } from './libc.js'
import { allocate, type Memory } from './memory.js'

const CLOCK_REALTIME = 0
const CLOCK_MONOTONIC = 1
const CLOCK_BOOTTIME = 7

let timespec: Memory | undefined

function read(clock: number): bigint {
  timespec ??= allocate(16)
  libc().clockGettime(clock, timespec)
  return timespec.view.getBigInt64(0, true) * 1_000_000_000n + timespec.view.getBigInt64(8, true)
}

/** Nanoseconds of CLOCK_MONOTONIC: what bpf_ktime_get_ns() tells. */
export function monotonicNs(): bigint {
  return read(CLOCK_MONOTONIC)
}

/** Nanoseconds since 1970, UTC. */
export function realtimeNs(): bigint {
  return read(CLOCK_REALTIME)
}

/** Nanoseconds of CLOCK_BOOTTIME: monotonic time, and what the host slept. Processes’ start times in /proc are of this clock. */
export function boottimeNs(): bigint {
  return read(CLOCK_BOOTTIME)
}
