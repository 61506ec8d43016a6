import type { BufferBase } from '../buffer/buffer-base.js'
import { perfBufferSize } from '../buffer/perf-buffer.js'
import type { RecordBuffer, RecordDecoder } from '../buffer/record-buffer.js'
import { ringBufferSize } from '../buffer/ring-buffer.js'
import { InvalidSpecError } from '../errors.js'
import { createMap } from '../map/create-map.js'
import type { MapSpec } from '../spec/object-spec.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
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
   * @throws {UnsupportedError} {NotPermittedError} {MemlockError} {SystemCallError}
   */
  constructor({ kind, bytes, name = 'events' }: SharedRecordsOptions) {
    this.#name = name
    this.#bytes = kind === 'ringbuf' ? ringBufferSize(bytes) : perfBufferSize(bytes)
    this.spec =
      kind === 'ringbuf'
        ? { kind, maxEntries: this.#bytes, flags: 0 }
        : { kind: 'perf_event_array', maxEntries: 0, flags: 0 }
    this.#fd = new FileDescriptor(createMap({ name, keySize: 0, valueSize: 0, ...this.spec }), `map ${name}`)
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
    if (this.#reader?.closed === false)
      throw new InvalidSpecError(`Map ${this.#name} has a reader already: each record is handed over once`)
    const reader = openBuffer(this.#fd, { name: this.#name, ...this.spec }, decoder, this.#bytes)
    this.#reader = reader
    return reader
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
