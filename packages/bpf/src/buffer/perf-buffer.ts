import { InvalidSpecError, MemlockError, SystemCallError } from '../errors.js'
import { perfPermissionError } from '../features/permission.js'
import { perf_event_header, perf_event_mmap_page, perf_event_type } from '../sys/abi.generated.js'
import { ERRNO, failed } from '../sys/errno.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { libc } from '../sys/libc.js'
import { type Mapping, mapMemory } from '../sys/memory.js'
import { enableEvent, openOutputEvent } from '../sys/perf-event.js'
import { Readiness } from '../sys/readiness.js'
import { BufferBase } from './buffer-base.js'
import type { RecordDecoder } from './record-buffer.js'

const SAMPLE = perf_event_type.PERF_RECORD_SAMPLE
const LOST = perf_event_type.PERF_RECORD_LOST
const HEADER = perf_event_header.size

/** The buffer of one CPU. */
interface CpuBuffer {
  readonly event: FileDescriptor
  readonly mapping: Mapping
  readonly head: BigUint64Array
  readonly tail: BigUint64Array
  readonly data: DataView
  /** The reader's position: it grows without end. */
  position: bigint
}

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
 * The reader of perf buffers, one a CPU (BPF_MAP_TYPE_PERF_EVENT_ARRAY with mapped events, Linux 4.4).
 *
 * Layout (include/uapi/linux/perf_event.h): a page with the positions, then the data. A record is a header (type u32,
 * misc u16, size u16); a sample goes on with the size of its bytes (u32) and the bytes; it may wrap around the end. A
 * lost-record goes on with an id (u64) and how many were lost (u64).
 */
export class PerfBuffer<T> extends BufferBase<T> {
  readonly kind = 'perf'
  readonly capacity: number
  readonly #size: number
  readonly #buffers: readonly CpuBuffer[]
  readonly #decoder: RecordDecoder<T>
  readonly #scratch = new DataView(new ArrayBuffer(1 << 16))
  /** Which buffer is next: each in its turn, so that a CPU that writes without end does not keep the others from being read. */
  #next = 0

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
        const buffer = openCpuBuffer(cpu, size)
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
      for (const buffer of buffers) closeCpuBuffer(buffer)
      throw error
    }
    this.capacity = size * buffers.length
    this.#size = size
    this.#buffers = buffers
    this.#decoder = decoder
  }

  protected override drainOpen(take: (record: T) => void, limit: number): number {
    let count = 0
    for (let visited = 0; visited < this.#buffers.length && count < limit && !this.closed; visited++) {
      const buffer = this.#buffers[this.#next]
      this.#next = (this.#next + 1) % this.#buffers.length
      if (buffer !== undefined) count += this.#drainCpu(buffer, take, limit - count)
    }
    return count
  }

  override close(): void {
    if (this.closed) return
    super.close()
    for (const buffer of this.#buffers) closeCpuBuffer(buffer)
  }

  #drainCpu(buffer: CpuBuffer, take: (record: T) => void, limit: number): number {
    const head = Atomics.load(buffer.head, 0)
    let available = Number(head - buffer.position)
    let at = Number(buffer.position & BigInt(this.#size - 1))
    let done = 0
    let count = 0
    try {
      while (available >= HEADER && count < limit) {
        const type = buffer.data.getUint32(at, true)
        const size = buffer.data.getUint16(at + perf_event_header.fields.size.offset, true)
        // What cannot be: the rest is given up, rather than read in circles.
        if (size < HEADER || size > available) {
          this.malformed++
          done += available
          break
        }
        const view = this.#contiguous(buffer.data, at, size)
        const start = view === buffer.data ? at : 0
        // Counted as read before it is handed over: also when `take` throws, a record is handed over once.
        available -= size
        done += size
        at = (at + size) & (this.#size - 1)
        if (type === LOST) this.lost += Number(view.getBigUint64(start + HEADER + 8, true))
        if (type !== SAMPLE) continue
        if (size - HEADER - 4 < this.#decoder.size) {
          this.malformed++
          continue
        }
        count++
        take(this.#decoder.read(view, start + HEADER + 4))
        // It may have closed the buffer: the memory is gone then.
        if (this.closed) break
      }
    } finally {
      this.received += count
      buffer.position += BigInt(done)
      if (!this.closed) Atomics.store(buffer.tail, 0, buffer.position)
    }
    return count
  }

  /** The view that holds a record in one piece: the buffer's own, or a copy of one that wraps around its end. */
  #contiguous(data: DataView, at: number, size: number): DataView {
    if (at + size <= this.#size) return data
    const first = this.#size - at
    const bytes = (view: DataView, offset: number, length: number) =>
      new Uint8Array(view.buffer, view.byteOffset + offset, length)
    bytes(this.#scratch, 0, first).set(bytes(data, at, first))
    bytes(this.#scratch, first, size - first).set(bytes(data, 0, size - first))
    return this.#scratch
  }
}

function openCpuBuffer(cpu: number, size: number): CpuBuffer {
  const number = openOutputEvent(cpu)
  const what = `Cannot open a perf buffer on CPU ${cpu}`
  if (number === -ERRNO.EACCES || number === -ERRNO.EPERM) throw perfPermissionError(what, -number)
  if (number < 0) throw failed(what, number)
  const event = new FileDescriptor(number, `perf event of CPU ${cpu}`)
  try {
    enableEvent(number)
    const page = libc().getpagesize()
    // Last, so that nothing that fails leaves it mapped.
    const mapping = mapEvent(number, page + size, `the perf buffer of CPU ${cpu}`)
    const { buffer } = mapping
    return {
      event,
      mapping,
      head: new BigUint64Array(buffer, perf_event_mmap_page.fields.data_head.offset, 1),
      tail: new BigUint64Array(buffer, perf_event_mmap_page.fields.data_tail.offset, 1),
      data: new DataView(buffer, page, size),
      position: 0n,
    }
  } catch (error) {
    event.close()
    throw error
  }
}

function mapEvent(event: number, length: number, what: string): Mapping {
  try {
    return mapMemory(event, length, { writable: true, what })
  } catch (cause) {
    if (!(cause instanceof SystemCallError) || cause.errno !== ERRNO.EPERM) throw cause
    throw new MemlockError(
      `${cause.message}: more than may be locked`,
      { number: cause.errno, name: cause.errnoName },
      {
        cause,
        needs: 'memlock',
        hint: 'Raise kernel.perf_event_mlock_kb or the limit (`ulimit -l unlimited`), or add CAP_IPC_LOCK.',
      },
    )
  }
}

function closeCpuBuffer(buffer: CpuBuffer): void {
  buffer.mapping.close()
  buffer.event.close()
}
