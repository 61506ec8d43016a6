import { InvalidSpecError } from '../errors.js'
import { bpf_ringbuf_flags } from '../sys/abi.generated.js'
import { libc } from '../sys/libc.js'
import { type Mapping, mapMemory } from '../sys/memory.js'
import { Readiness } from '../sys/readiness.js'
import { BufferBase } from './buffer-base.js'
import type { RecordDecoder, RetainedRecords } from './record-buffer.js'

const BUSY = bpf_ringbuf_flags.BPF_RINGBUF_BUSY_BIT | 0
const DISCARDED = bpf_ringbuf_flags.BPF_RINGBUF_DISCARD_BIT
const LENGTH = ~(bpf_ringbuf_flags.BPF_RINGBUF_BUSY_BIT | bpf_ringbuf_flags.BPF_RINGBUF_DISCARD_BIT)
const HEADER = bpf_ringbuf_flags.BPF_RINGBUF_HDR_SZ

/** `bytes` rounded up to what a ring buffer may have: a power of two, and whole pages. */
export function ringBufferSize(bytes: number): number {
  if (!(bytes > 0 && bytes <= 2 ** 30))
    throw new InvalidSpecError(`A ring buffer of ${bytes} bytes is out of range: 1 to ${2 ** 30}`)
  return Math.max(libc().getpagesize(), 2 ** Math.ceil(Math.log2(bytes)))
}

/**
 * The reader of a ring buffer (BPF_MAP_TYPE_RINGBUF, Linux 5.8).
 *
 * Layout (the kernel's kernel/bpf/ringbuf.c and Documentation/bpf/ringbuf.rst): a page with the reader's position,
 * writable; a page with the writers' position; then the data, mapped twice in a row, so that a record never wraps. A
 * record is a header (length u32 with two flag bits, page offset u32), then its bytes, rounded up to eight.
 */
export class RingBuffer<T> extends BufferBase<T> implements RetainedRecords<T> {
  readonly kind = 'ringbuf'
  readonly capacity: number
  readonly #decoder: RecordDecoder<T>
  readonly #consumerPage: Mapping
  readonly #producerPages: Mapping
  readonly #consumer: BigInt64Array
  readonly #producer: Int32Array
  /** The data's headers, as words; the view that records are decoded from. */
  readonly #words: Int32Array
  readonly #data: DataView
  /** The reader's position. It grows without end; its place in the data are the low bits. */
  #position: bigint
  /** Up to where the kernel may write again. */
  #released: bigint
  readonly #retains: boolean

  /**
   * @param fd of the map
   * @param size of the data, in bytes, as the map was created with
   * @param options `retain`: what was read keeps its room until `release` is called
   * @throws {SystemCallError} if it cannot be mapped
   */
  constructor(
    fd: number,
    size: number,
    decoder: RecordDecoder<T>,
    options: { readonly retain?: boolean } = {},
  ) {
    const page = libc().getpagesize()
    const mappings: Mapping[] = []
    const map = (length: number, options: { offset?: number; writable?: boolean }): Mapping => {
      const mapping = mapMemory(fd, length, { ...options, what: 'the ring buffer' })
      mappings.push(mapping)
      return mapping
    }
    let consumerPage: Mapping
    let producerPages: Mapping
    try {
      consumerPage = map(page, { writable: true })
      producerPages = map(page + 2 * size, { offset: page })
      super(new Readiness([fd]))
    } catch (error) {
      for (const mapping of mappings) mapping.close()
      throw error
    }
    this.capacity = size
    this.#decoder = decoder
    this.#consumerPage = consumerPage
    this.#producerPages = producerPages
    this.#consumer = new BigInt64Array(this.#consumerPage.buffer, 0, 1)
    this.#producer = new Int32Array(this.#producerPages.buffer, 0, 1)
    this.#words = new Int32Array(this.#producerPages.buffer, page, (2 * size) / 4)
    this.#data = new DataView(this.#producerPages.buffer, page, 2 * size)
    this.#position = Atomics.load(this.#consumer, 0)
    this.#released = this.#position
    this.#retains = options.retain === true
  }

  get position(): bigint {
    return this.#position
  }

  get released(): bigint {
    return this.#released
  }

  release(position: bigint): void {
    if (position > this.#position)
      throw new InvalidSpecError(
        `Cannot release the ring buffer up to ${position}: it was read up to ${this.#position}`,
      )
    if (this.closed || position <= this.#released) return
    this.#giveBack(position)
    this.wakeHeld()
  }

  seek(position: bigint, take: (record: T) => void = () => undefined): number {
    if (this.closed) return 0
    if (!this.#endsRecord(position))
      throw new InvalidSpecError(
        `Cannot go on in the ring buffer at ${position}: no record ends there behind ${this.#position}`,
      )
    return this.#drainOnce(take, Number.POSITIVE_INFINITY, low(position)) ?? 0
  }

  /** Whether finished records lie between what was read and a position, which ends the last. */
  #endsRecord(position: bigint): boolean {
    const distance = position - this.#position
    if (distance < 0n || distance > BigInt(this.#bytesBehind(this.#position))) return false
    const end = low(position)
    let at = low(this.#position)
    while (at !== end && ((end - at) | 0) > 0) {
      const header = Atomics.load(this.#words, (at & (this.capacity - 1)) >> 2)
      if ((header & BUSY) !== 0) return false
      at = behind(at, header)
    }
    return at === end
  }

  /** Bytes that were written behind a position. */
  #bytesBehind(position: bigint): number {
    return (Atomics.load(this.#producer, 0) - low(position)) >>> 0
  }

  /** The kernel wakes for a record that finds the buffer empty, and for those after it not again. */
  protected override filled(): number {
    return this.#bytesBehind(this.#position) / this.capacity
  }

  protected override occupied(): number {
    return this.#bytesBehind(this.#released) / this.capacity
  }

  protected override held(): boolean {
    return this.#released !== this.#position
  }

  protected override drainOpen(take: (record: T) => void, limit: number): number {
    let count = 0
    while (!this.closed && count < limit) {
      const taken = this.#drainOnce(take, limit - count)
      if (taken === undefined) break
      count += taken
    }
    return count
  }

  /** What the writers had finished when it began, or up to a position: their number, or `undefined` if there was nothing, not even refuse. */
  #drainOnce(
    take: (record: T) => void,
    limit: number,
    produced = Atomics.load(this.#producer, 0),
  ): number | undefined {
    const mask = this.capacity - 1
    const decoder = this.#decoder
    const words = this.#words
    const data = this.#data
    // Positions are compared in their low 32 bits: the buffer is never so large that these meet again.
    const start = low(this.#position)
    let position = start
    let count = 0
    try {
      while (position !== produced && count < limit) {
        const at = position & mask
        const header = Atomics.load(words, at >> 2)
        if ((header & BUSY) !== 0) break
        const length = header & LENGTH
        position = behind(position, header)
        if ((header & DISCARDED) !== 0) continue
        if (length < decoder.size) {
          this.malformed++
          continue
        }
        const record = decoder.read(data, at + HEADER, length)
        if (record === undefined) {
          this.malformed++
          continue
        }
        count++
        take(record)
        // It may have closed the buffer: the memory is gone then.
        if (this.closed) break
      }
    } finally {
      this.received += count
      // Also when `take` throws: a record is handed over once.
      if (position !== start && !this.closed) {
        this.#position += BigInt((position - start) >>> 0)
        if (!this.#retains) this.#giveBack(this.#position)
      }
    }
    return position === start ? undefined : count
  }

  override close(): void {
    if (this.closed) return
    super.close()
    this.#consumerPage.close()
    this.#producerPages.close()
  }

  #giveBack(position: bigint): void {
    this.#released = position
    Atomics.store(this.#consumer, 0, position)
  }
}

/** A position's low 32 bits, as an Int32Array has them. */
function low(position: bigint): number {
  return Number(BigInt.asIntN(32, position))
}

/** Where the next record begins: behind a header and what it says that follows, rounded up to eight. */
function behind(position: number, header: number): number {
  return (position + HEADER + (((header & LENGTH) + 7) & ~7)) | 0
}
