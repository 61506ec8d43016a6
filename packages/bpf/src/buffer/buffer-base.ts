import type { Readiness } from '../sys/readiness.js'
import { BATCH_LIMIT, type BatchOptions, type RecordBuffer } from './record-buffer.js'

/** What ring buffer and perf buffer have in common: waiting and batches. */
export abstract class BufferBase<T> implements RecordBuffer<T> {
  abstract readonly kind: 'ringbuf' | 'perf'
  abstract readonly capacity: number
  received = 0
  lost = 0
  malformed = 0
  readonly #readiness: Readiness
  #closed = false

  constructor(readiness: Readiness) {
    this.#readiness = readiness
  }

  abstract drain(take: (record: T) => void, limit?: number): number

  get closed(): boolean {
    return this.#closed
  }

  async wait({ signal }: BatchOptions = {}): Promise<void> {
    if (this.#closed || signal?.aborted === true) return
    const ready = this.#readiness.wait()
    if (signal === undefined) return ready
    const onAbort = () => this.#readiness.cancel()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await ready
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<readonly T[], void, void> {
    while (!this.#closed) {
      const batch: T[] = []
      this.drain((record) => batch.push(record), BATCH_LIMIT)
      if (batch.length > 0) yield batch
      else if (options.signal?.aborted === true) return
      else await this.wait(options)
    }
  }

  close(): void {
    this.#closed = true
    this.#readiness.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
