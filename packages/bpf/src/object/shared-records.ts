import type { BufferBase } from '../buffer/buffer-base.js'
import { perfBufferSize } from '../buffer/perf-buffer.js'
import type { RecordBuffer, RecordDecoder, RetainedRecords } from '../buffer/record-buffer.js'
import { RingBuffer, ringBufferSize } from '../buffer/ring-buffer.js'
import { InvalidSpecError, UnsupportedError } from '../errors.js'
import { createMap } from '../map/create-map.js'
import { openMapAt } from '../map/pinned-map.js'
import type { MapSpec } from '../spec/object-spec.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { pinObject } from '../sys/pin.js'
import { openBuffer } from './open-buffer.js'

/** What a buffer is to be that several objects write to. */
export interface SharedRecordsOptions {
  /** A ring buffer (Linux 5.8), or perf buffers, one a CPU (4.4). Programs must be told which. */
  readonly kind: 'ringbuf' | 'perf'
  /** Bytes: of the ring buffer, or of the perf buffer of each CPU. Rounded up to what the kernel takes. */
  readonly bytes: number
  /** What the kernel calls its map; `events` unless told. */
  readonly name?: string
}

/**
 * A buffer of records that belongs to no object: the programs of several write to it, and their records come in one
 * order. Objects get it as `reuse` in place of a map of their own. Closing an object leaves it as it is; it is closed
 * for itself, best after the objects: programs that go on find no reader.
 *
 * What the programs write must be told apart by its decoder, if it is not all of one type.
 */
export class SharedRecords {
  /** What a map that it stands for is, in an object's specification. */
  readonly spec: Readonly<Pick<MapSpec, 'kind' | 'maxEntries' | 'flags'>>
  readonly #name: string
  readonly #bytes: number
  readonly #fd: FileDescriptor
  #reader: BufferBase<unknown> | undefined

  /**
   * Creates the map. Perf buffers are opened by `records`: programs that write before are refused.
   *
   * @throws {InvalidSpecError} if the size is out of range
   * @param map the descriptor of one that is there already: `openPinnedRecords`
   * @throws {UnsupportedError} {NotPermittedError} {MemlockError} {SystemCallError}
   */
  constructor({ kind, bytes, name = 'events' }: SharedRecordsOptions, map?: FileDescriptor) {
    this.#name = name
    this.#bytes = kind === 'ringbuf' ? ringBufferSize(bytes) : perfBufferSize(bytes)
    this.spec =
      kind === 'ringbuf'
        ? { kind, maxEntries: this.#bytes, flags: 0 }
        : { kind: 'perf_event_array', maxEntries: 0, flags: 0 }
    this.#fd =
      map ?? new FileDescriptor(createMap({ name, keySize: 0, valueSize: 0, ...this.spec }), `map ${name}`)
  }

  /**
   * The number of its map's file descriptor.
   *
   * @throws {ClosedError}
   */
  get fileDescriptor(): number {
    return this.#fd.number
  }

  /**
   * Its reader. There is one at a time: a record is handed over once. It is closed with the buffer.
   *
   * @throws {InvalidSpecError} while there is one already
   * @throws {ClosedError} {NotPermittedError} {MemlockError} {SystemCallError}
   */
  records<T>(decoder: RecordDecoder<T>): RecordBuffer<T> {
    this.#checkUnread()
    const reader = openBuffer(this.#fd, { name: this.#name, ...this.spec }, decoder, this.#bytes)
    this.#reader = reader
    return reader
  }

  /**
   * Its reader, for reading in two steps: instead of `records`, of a ring buffer.
   *
   * @throws {UnsupportedError} of perf buffers: they end with the process that reads them
   * @throws {InvalidSpecError} while there is a reader already; {ClosedError} {SystemCallError}
   */
  retainedRecords<T>(decoder: RecordDecoder<T>): RetainedRecords<T> {
    this.#checkUnread()
    this.#checkRing('read in two steps')
    const reader = new RingBuffer(this.#fd.number, this.#bytes, decoder, { retain: true })
    this.#reader = reader
    return reader
  }

  /**
   * Gives the ring buffer a name on a bpffs: programs may go on to write to it, and what they wrote can be read by who opens
   * it with `openPinnedRecords`, until the file is removed. Linux 5.8.
   *
   * @throws {UnsupportedError} of perf buffers, or if no bpffs is there
   * @throws {NotFoundError} {ExistsError} {InvalidSpecError} {NotPermittedError} {SystemCallError} {ClosedError}
   */
  pin(path: string): void {
    this.#checkRing('pinned')
    pinObject(this.#fd.number, `map ${this.#name}`, path)
  }

  #checkUnread(): void {
    if (this.#reader?.closed === false)
      throw new InvalidSpecError(`Map ${this.#name} has a reader already: each record is handed over once`)
  }

  #checkRing(what: string): void {
    if (this.spec.kind === 'ringbuf') return
    throw new UnsupportedError(
      `Map ${this.#name} cannot be ${what}: perf buffers end with the process that reads them`,
      { needs: 'newer_kernel', hint: 'It takes a ring buffer, which Linux 5.8 has.' },
    )
  }

  /** Closes the buffer and its reader. */
  close(): void {
    this.#reader?.close()
    this.#fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Opens a ring buffer that is pinned: what is in it and not released can be read. Linux 5.8. That it has one reader alone
 * is the caller's affair.
 *
 * @throws {NotFoundError} if nothing is there; {InvalidSpecError} if it is no ring buffer
 * @throws {UnsupportedError} if the path does not lie on a bpffs
 * @throws {NotPermittedError} {SystemCallError}
 */
export function openPinnedRecords(path: string): SharedRecords {
  const { fd, maxEntries } = openMapAt(path, { kind: 'ringbuf', keySize: 0, valueSize: 0 })
  const name = path.slice(path.lastIndexOf('/') + 1)
  return new SharedRecords({ kind: 'ringbuf', bytes: maxEntries, name }, fd)
}
