import { InvalidSpecError } from '../errors.js'
import { libc } from '../sys/libc.js'
import { Readiness } from '../sys/readiness.js'
import { BufferBase } from './buffer-base.js'
import { CpuBuffer } from './cpu-buffer.js'
import type { RecordDecoder } from './record-buffer.js'

/** How large the buffer of a CPU is, and what its map is told. */
export interface PerfBufferOptions {
  /** Bytes a CPU: rounded up to a power of two and whole pages. */
  readonly bytesPerCpu: number
  readonly cpus: readonly number[]
  /** Puts a CPU's event into the map that programs write to. */
  readonly register: (cpu: number, event: number) => void
}

/** Bytes a CPU that a perf buffer has: `bytes` rounded up to a power of two, and whole pages. */
export function perfBufferSize(bytes: number): number {
  if (!(bytes > 0 && bytes <= 2 ** 30))
    throw new InvalidSpecError(`A perf buffer of ${bytes} bytes is out of range: 1 to ${2 ** 30}`)
  return Math.max(libc().getpagesize(), 2 ** Math.ceil(Math.log2(bytes)))
}

/**
 * The reader of perf buffers, one a CPU (BPF_MAP_TYPE_PERF_EVENT_ARRAY with mapped events, Linux 4.4; with times of
 * CLOCK_MONOTONIC, 4.1). What the CPUs wrote is put in the order of its times.
 */
export class PerfBuffer<T> extends BufferBase<T> {
  readonly kind = 'perf'
  readonly capacity: number
  readonly #buffers: readonly CpuBuffer[]
  readonly #decoder: RecordDecoder<T>

  /**
   * @throws {InvalidSpecError} if the size is out of range
   * @throws {NotPermittedError} if events may not be opened
   * @throws {MemlockError} if so much may not be mapped: kernel.perf_event_mlock_kb for each CPU, and beyond that
   *   RLIMIT_MEMLOCK
   * @throws {SystemCallError} if an event cannot be opened or mapped for another reason
   */
  constructor(options: PerfBufferOptions, decoder: RecordDecoder<T>) {
    const size = perfBufferSize(options.bytesPerCpu)
    const buffers: CpuBuffer[] = []
    try {
      for (const cpu of options.cpus) {
        const buffer = new CpuBuffer(cpu, size, decoder.size)
        buffers.push(buffer)
        options.register(cpu, buffer.event.number)
      }
      super(
        new Readiness(
          buffers.map((buffer) => buffer.event.number),
          { mode: 'edge' },
        ),
      )
    } catch (error) {
      for (const buffer of buffers) buffer.close()
      throw error
    }
    this.capacity = size * buffers.length
    this.#buffers = buffers
    this.#decoder = decoder
  }

  /** The kernel wakes for each record: there is nothing to be had by leaving them. */
  protected override filled(): number {
    return 1
  }

  protected override drainOpen(take: (record: T) => void, limit: number): number {
    for (const buffer of this.#buffers) buffer.refresh()
    const ready = this.#buffers.filter((buffer) => buffer.next())
    let count = 0
    try {
      while (ready.length > 0 && count < limit && !this.closed) {
        const { oldest, until } = findOldest(ready)
        const buffer = ready[oldest] as CpuBuffer
        let more = true
        // From one CPU as long as no other has an older one.
        while (more && buffer.timeNs <= until && count < limit && !this.closed) {
          // Counted as read before it is handed over: also when `take` throws, a record is handed over once.
          buffer.take()
          const record = this.#decoder.read(buffer.view, buffer.offset, buffer.length)
          if (record === undefined) {
            buffer.malformed++
          } else {
            count++
            take(record)
          }
          // It may have closed the buffer: the memory is gone then.
          more = !this.closed && buffer.next()
        }
        if (!more) ready.splice(oldest, 1)
      }
    } finally {
      this.received += count
      this.lost = this.#buffers.reduce((sum, { lost }) => sum + lost, 0)
      this.malformed = this.#buffers.reduce((sum, { malformed }) => sum + malformed, 0)
      if (!this.closed) for (const buffer of this.#buffers) buffer.release()
    }
    return count
  }

  override close(): void {
    if (this.closed) return
    super.close()
    for (const buffer of this.#buffers) buffer.close()
  }
}

/** Which buffer shows the oldest sample, and up to what time none of the others has an older one. */
function findOldest(buffers: readonly CpuBuffer[]): { oldest: number; until: number } {
  let oldest = 0
  let first = Number.POSITIVE_INFINITY
  let until = Number.POSITIVE_INFINITY
  for (const [index, { timeNs }] of buffers.entries()) {
    if (timeNs < first) {
      until = first
      first = timeNs
      oldest = index
    } else if (timeNs < until) {
      until = timeNs
    }
  }
  return { oldest, until }
}
