import type { FramePlan } from '../codec/frame.js'
import type { SpoolBatch } from '../spool.js'
import type { Run } from './tape.js'

/**
 * A batch that is found behind a point of the log. Bytes are counted from when the spool was opened: a coordinate of this
 * process alone, which says where to read on.
 */
export interface Found {
  readonly place: number
  readonly batch: SpoolBatch
  /** Where to read on. */
  readonly nextByte: number
}

/** Reads a store from a point on. */
export interface StoreCursor {
  /**
   * The next batch behind a point, past what cannot be read; `undefined` at the end of what the store held when it was
   * asked. Places tell what was passed over. `again` where it cannot be read now, and trying again may help.
   */
  read(byte: number): Promise<Found | 'again' | undefined>
  close(): void
}

/** What the store holds longest, and would give up first. */
export interface OldestPart {
  /** Place behind its last record. */
  readonly to: number
  /** When its last record was accepted: milliseconds since 1970. */
  readonly lastMs: number
}

/** Where accepted batches are kept. It knows no policy and no readers. */
export interface Store {
  /** Place of the oldest record that it holds, and where that is; the end of both if it holds none. */
  readonly start: number
  readonly startByte: number
  readonly endByte: number
  /** Bytes that it takes, with what is acknowledged and not yet removed. */
  readonly bytes: number
  readonly oldest: OldestPart | undefined
  /** Whether a batch of that size has room; `never` if not even an empty store would have it. */
  room(bytes: number, records: number): 'yes' | 'no' | 'never'
  /**
   * Keeps a batch.
   *
   * @throws what the operating system says if it cannot be written: the store is as it was before
   */
  put(batch: SpoolBatch, plan: FramePlan, run: Run, place: number, nowMs: number): void
  /** Removes its oldest part, whoever has read it. @returns whether that could be done: else it is as it was */
  removeOldest(): boolean
  /** Whether something lies wholly before a place and can be removed: all readers are past it. */
  canRelease(before: number): boolean
  /** @returns whether all that can be removed was */
  release(before: number): boolean
  cursor(): StoreCursor
  /** What an append waits for, after `put`: the medium, if it was asked for. */
  flush(): Promise<void> | undefined
  close(): Promise<void>
}
