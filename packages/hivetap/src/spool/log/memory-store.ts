import type { FramePlan } from '../codec/frame.js'
import type { SpoolBatch } from '../spool.js'
import { memoryBytes, type RecentBatches } from './recent.js'
import type { OldestPart, Store, StoreCursor } from './store.js'
import type { Run } from './tape.js'

/** Batches in memory; each is a part of its own. */
export class MemoryStore implements Store {
  readonly #batches: RecentBatches
  readonly #maxBytes: number
  #end = 0
  #endByte = 0

  constructor(batches: RecentBatches, maxBytes: number) {
    this.#batches = batches
    this.#maxBytes = maxBytes
  }

  get start(): number {
    return this.#batches.first?.place ?? this.#end
  }

  get startByte(): number {
    return this.#endByte - this.#batches.bytes
  }

  get endByte(): number {
    return this.#endByte
  }

  get bytes(): number {
    return this.#batches.bytes
  }

  get oldest(): OldestPart | undefined {
    const { first } = this.#batches
    return first === undefined
      ? undefined
      : { to: first.place + first.batch.records.length, lastMs: first.ms }
  }

  /** What a frame would take is what it takes here, and what its objects take beside. */
  room(bytes: number, records: number): 'yes' | 'no' | 'never' {
    const more = memoryBytes(bytes, records)
    if (more > this.#maxBytes) return 'never'
    return this.bytes + more <= this.#maxBytes ? 'yes' : 'no'
  }

  put(batch: SpoolBatch, plan: FramePlan, _run: Run, place: number, nowMs: number): void {
    const bytes = memoryBytes(plan.length, batch.records.length)
    this.#endByte += bytes
    this.#end = place + batch.records.length
    this.#batches.add({ place, batch, bytes, nextByte: this.#endByte, ms: nowMs })
  }

  removeOldest(): boolean {
    this.#batches.removeFirst()
    return true
  }

  canRelease(before: number): boolean {
    const { oldest } = this
    return oldest !== undefined && oldest.to <= before
  }

  release(before: number): boolean {
    this.#batches.release(before)
    return true
  }

  /** Nothing is ever read back: what is held is in memory. */
  cursor(): StoreCursor {
    return { read: async () => undefined, close: () => undefined }
  }

  flush(): undefined {
    return undefined
  }

  async close(): Promise<void> {
    this.#batches.shrink(0)
  }
}
