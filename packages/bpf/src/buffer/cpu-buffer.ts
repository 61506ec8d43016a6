import { MemlockError, SystemCallError } from '../errors.js'
import { perfPermissionError } from '../features/permission.js'
import { perf_event_header, perf_event_mmap_page, perf_event_type } from '../sys/abi.generated.js'
import { ERRNO, failed } from '../sys/errno.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { libc } from '../sys/libc.js'
import { type Mapping, mapMemory } from '../sys/memory.js'
import { enableEvent, openOutputEvent } from '../sys/perf-event.js'

const SAMPLE = perf_event_type.PERF_RECORD_SAMPLE
const LOST = perf_event_type.PERF_RECORD_LOST
const HEADER = perf_event_header.size
const SIZE_AT = perf_event_header.fields.size.offset
/** Where a sample's bytes begin: behind its header, its time (u64) and their number (u32). */
const SAMPLE_DATA = HEADER + 8 + 4
/**
 * The perf buffer of one CPU: a reader that shows one sample at a time, the oldest.
 *
 * Layout (include/uapi/linux/perf_event.h): a page with the positions, then the data. A record is a header (type u32,
 * misc u16, size u16); a sample goes on with its time (u64, CLOCK_MONOTONIC), the size of its bytes (u32) and the bytes; it
 * may wrap around the end. A lost-record goes on with an id (u64) and how many were lost (u64).
 */
export class CpuBuffer {
  /** Samples that the kernel says it had no room for. */
  lost = 0
  /** Samples too short for what they should hold, or found malformed, and what is no record. */
  malformed = 0
  /** The time of the sample that is shown, nanoseconds. */
  timeNs = 0
  /** Where the bytes of the sample that is shown are, and how many: with those that round it up. */
  view: DataView
  offset = 0
  length = 0
  readonly event: FileDescriptor
  readonly #mapping: Mapping
  readonly #head: BigUint64Array
  readonly #tail: BigUint64Array
  readonly #data: DataView
  readonly #size: number
  readonly #leastSize: number
  /** Holds a record that wraps around the end, in one piece. */
  #scratch = new DataView(new ArrayBuffer(0))
  /** The reader's position, which grows without end; and its place in the data. */
  #position = 0n
  #at = 0
  /** Bytes that are there and have not been looked at. */
  #available = 0
  /** Bytes looked at since they were last given back, and those of the sample that is shown. */
  #done = 0
  #shown = 0

  /**
   * @param size of the data: a power of two, and whole pages
   * @param leastSize bytes that a sample must hold
   * @throws {NotPermittedError} {MemlockError} {SystemCallError}
   */
  constructor(cpu: number, size: number, leastSize: number) {
    this.event = openEvent(cpu)
    try {
      enableEvent(this.event.number)
      const page = libc().getpagesize()
      // Last, so that nothing that fails leaves it mapped.
      this.#mapping = mapEvent(this.event.number, page + size, `the perf buffer of CPU ${cpu}`)
      const { buffer } = this.#mapping
      this.#head = new BigUint64Array(buffer, perf_event_mmap_page.fields.data_head.offset, 1)
      this.#tail = new BigUint64Array(buffer, perf_event_mmap_page.fields.data_tail.offset, 1)
      this.#data = new DataView(buffer, page, size)
    } catch (error) {
      this.event.close()
      throw error
    }
    this.view = this.#data
    this.#size = size
    this.#leastSize = leastSize
  }

  /** Looks how much there is to read. */
  refresh(): void {
    this.#available = Number(Atomics.load(this.#head, 0) - this.#position)
  }

  /** Shows the next sample of those that were there at `refresh`: its time, and where its bytes are. */
  next(): boolean {
    while (this.#available >= HEADER) {
      const type = this.#data.getUint32(this.#at, true)
      const size = this.#data.getUint16(this.#at + SIZE_AT, true)
      // What cannot be: the rest is given up, rather than read in circles.
      if (size < HEADER || size > this.#available) {
        this.malformed++
        this.#pass(this.#available)
        break
      }
      const view = this.#contiguous(size)
      const start = view === this.#data ? this.#at : 0
      if (type === SAMPLE && size - SAMPLE_DATA >= this.#leastSize) {
        this.view = view
        this.offset = start + SAMPLE_DATA
        this.length = size - SAMPLE_DATA
        this.timeNs =
          view.getUint32(start + HEADER, true) + view.getUint32(start + HEADER + 4, true) * 2 ** 32
        this.#shown = size
        return true
      }
      if (type === LOST) this.lost += Number(view.getBigUint64(start + HEADER + 8, true))
      if (type === SAMPLE) this.malformed++
      this.#pass(size)
    }
    return false
  }

  /** Counts the sample that is shown as read; its bytes stay until `release`. */
  take(): void {
    this.#pass(this.#shown)
  }

  /** Gives the room of what was read back to the kernel. */
  release(): void {
    if (this.#done === 0) return
    this.#position += BigInt(this.#done)
    this.#done = 0
    Atomics.store(this.#tail, 0, this.#position)
  }

  close(): void {
    this.#mapping.close()
    this.event.close()
  }

  #pass(bytes: number): void {
    this.#available -= bytes
    this.#done += bytes
    this.#at = (this.#at + bytes) & (this.#size - 1)
  }

  /** The view that holds the next record in one piece: the buffer's own, or a copy of one that wraps around its end. */
  #contiguous(size: number): DataView {
    if (this.#at + size <= this.#size) return this.#data
    if (this.#scratch.byteLength < size) this.#scratch = new DataView(new ArrayBuffer(size))
    const first = this.#size - this.#at
    const bytes = (view: DataView, offset: number, length: number) =>
      new Uint8Array(view.buffer, view.byteOffset + offset, length)
    bytes(this.#scratch, 0, first).set(bytes(this.#data, this.#at, first))
    bytes(this.#scratch, first, size - first).set(bytes(this.#data, 0, size - first))
    return this.#scratch
  }
}

function openEvent(cpu: number): FileDescriptor {
  const number = openOutputEvent(cpu)
  const what = `Cannot open a perf buffer on CPU ${cpu}`
  if (number === -ERRNO.EACCES || number === -ERRNO.EPERM) throw perfPermissionError(what, -number)
  if (number < 0) throw failed(what, number)
  return new FileDescriptor(number, `perf event of CPU ${cpu}`)
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
