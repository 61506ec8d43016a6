import type { BufferOptions } from '@hivetap/bpf'
import type { Placement } from './tool.js'

/** More than that a CPU takes CAP_IPC_LOCK (kernel.perf_event_mlock_kb is 516). */
const PERF_BYTES_PER_CPU = 256 << 10

/** How the map `events` is made at a place of the ladder. */
export function eventsMap({ buffer, sizes, shared }: Placement): BufferOptions {
  if (shared !== undefined) return { reuse: shared }
  return { kind: buffer, bytes: bufferBytes(buffer, sizes.bufferBytes) }
}

/** Bytes of a ring buffer, or of the perf buffer of each CPU, for so many that are asked for. */
export function bufferBytes(buffer: Placement['buffer'], bytes: number): number {
  return buffer === 'perf' ? Math.min(bytes, PERF_BYTES_PER_CPU) : bytes
}
