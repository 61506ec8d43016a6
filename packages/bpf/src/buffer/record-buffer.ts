/** What stops reading: the signal ends the iteration; it does not throw. */
export interface BatchOptions {
  readonly signal?: AbortSignal
}

/** How a record is decoded. A `Decoder` is one whose records are all of one size, and a `Codec`. */
export interface RecordDecoder<T> {
  /** Bytes that a record holds at least. */
  readonly size: number
  /**
   * The record at `at`, or `undefined` if it is malformed: what it says of itself does not fit.
   *
   * @param length bytes that it holds, `size` or more; a perf buffer adds up to seven, which mean nothing
   */
  read(view: DataView, at: number, length: number): T | undefined
}

/**
 * Records that programs hand to user space, whichever way this kernel has for it: a ring buffer shared by all CPUs
 * (Linux 5.8), or a perf buffer a CPU (4.4).
 *
 * Records are read where the kernel wrote them, through a mapped view, and decoded on the way: no system call and no copy
 * a record. The kernel wakes the reader; nothing is polled.
 */
export interface RecordBuffer<T> {
  /** Which way it is. */
  readonly kind: 'ringbuf' | 'perf'
  /** Bytes that it holds; for perf buffers, of all CPUs together. */
  readonly capacity: number
  /** Records read. */
  readonly received: number
  /** Records that the kernel says it had no room for. A ring buffer says nothing of that: its programs must count. */
  readonly lost: number
  /** Records too short for their type, or that their decoder finds malformed: passed over. */
  readonly malformed: number
  /**
   * Hands all records that are there to a function, oldest first, and gives their room back to the kernel. Each is
   * handed over once, also when the function throws or closes the buffer; called from within the function, it does nothing.
   *
   * @param limit records after which to stop, to let something else run: 65,536 unless told
   * @returns how many there were
   */
  drain(take: (record: T) => void, limit?: number): number
  /**
   * Resolves when there are records, or when `signal` aborts or the buffer is closed: when the kernel says so. Where records
   * follow each other within a millisecond, a ring buffer lets them gather, for one at first, for four as they go on, for sixteen in
   * a storm, as long as it does not fill: as network cards space their interrupts, so that a storm costs a wake now and then, not one
   * a record.
   */
  wait(options?: BatchOptions): Promise<void>
  /** Ends a wait that is under way, as if there were records. */
  wake(): void
  /** Batches of records as they come; ends when `signal` aborts, after what was there by then, or the buffer is closed. */
  batches(options?: BatchOptions): AsyncGenerator<readonly T[], void, void>
  close(): void
  [Symbol.dispose](): void
}

/**
 * Records of a ring buffer that is read in two steps: first they are handed over, and their room is given back when whoever
 * read them says so. What was not released is there for the next reader, also after this process was killed.
 *
 * Until then the kernel has that room less, and does not wake for what comes behind: a wait looks for it now and then, at
 * 32 ms at the latest, and ends at once when room is given back. So release soon.
 */
export interface RetainedRecords<T> extends RecordBuffer<T> {
  /** How far it was read: bytes since the buffer was made, of all readers; it only grows. */
  readonly position: bigint
  /** How far its room was given back: where the next reader begins. */
  readonly released: bigint
  /**
   * Gives the room of what was read back to the kernel, up to a position that was one of `position`; nothing if it was
   * given back already, or the buffer is closed.
   *
   * @throws {InvalidSpecError} if it was not read that far
   */
  release(position: bigint): void
  /**
   * Goes forward to a position that an earlier reader had stored, before anything is drained behind it.
   *
   * @param take is handed the records before it
   * @returns how many there were
   * @throws {InvalidSpecError} if no finished record ends there: the position is of another buffer
   */
  seek(position: bigint, take?: (record: T) => void): number
}

/** Records of one batch at most: some milliseconds of work. */
export const BATCH_LIMIT = 4096
/** Records that one call of `drain` hands over at most, unless told: writers may be as fast as the reader. */
export const DRAIN_LIMIT = 65_536
