import type { SpoolEntry, SpoolReader } from '../spool/spool.js'
import type { BatchBound } from './destination.js'

/** What is sent at once, at most, if a destination says nothing else: what a broker takes in one request. */
export const MOST_AT_ONCE: BatchBound = { records: 5000, bytes: 768 << 10 }

/**
 * What a reader finds, gathered into what can be sent as one batch: entries of one epoch whose sequences follow on each
 * other, as many as are there. A loss stands alone.
 */
export class Gatherer {
  readonly #reader: SpoolReader
  readonly #most: BatchBound
  /** What was read, and did not belong to what was before it. */
  #next: SpoolEntry | undefined
  /** Whether something was taken since nothing was left: it is with whoever took it until the next is asked for. */
  #isHeld = false

  constructor(reader: SpoolReader, most: BatchBound = MOST_AT_ONCE) {
    this.#reader = reader
    this.#most = most
  }

  /** Whether nothing is left to be taken, nor with whoever took it last. */
  get isEmpty(): boolean {
    return !this.#isHeld && this.#next === undefined && this.#reader.backlogBytes === 0
  }

  /** Whether so much waits that what is taken next is likely as large as it may be. */
  get isBehind(): boolean {
    return this.#reader.backlogBytes >= this.#most.bytes
  }

  /**
   * The next entries, waiting for the first.
   *
   * @returns `undefined` once `signal` aborts, or the spool is closed
   */
  async take(signal: AbortSignal): Promise<readonly SpoolEntry[] | undefined> {
    this.#isHeld = false
    const first = await this.#read(signal)
    if (first === undefined) return undefined
    const entries = [first]
    if (first.kind === 'loss') return entries
    const { epoch, firstSequence, records } = first.batch
    let bytes = bytesIn(first)
    let behind = firstSequence + records.length
    while (this.#reader.backlogBytes > 0 && !signal.aborted) {
      const next = await this.#read(signal)
      if (next === undefined) break
      if (
        next.kind === 'loss' ||
        next.batch.epoch !== epoch ||
        next.batch.firstSequence !== behind ||
        behind - firstSequence + next.batch.records.length > this.#most.records ||
        bytes + bytesIn(next) > this.#most.bytes
      ) {
        this.#next = next
        break
      }
      entries.push(next)
      behind += next.batch.records.length
      bytes += bytesIn(next)
    }
    return entries
  }

  async #read(signal: AbortSignal): Promise<SpoolEntry | undefined> {
    const next = this.#next
    this.#next = undefined
    const entry = next ?? (await this.#reader.next(signal))
    this.#isHeld = entry !== undefined
    return entry
  }
}

/** Bytes of the records of entries. */
export function bytesOf(entries: readonly SpoolEntry[]): number {
  return entries.reduce((sum, entry) => sum + bytesIn(entry), 0)
}

function bytesIn(entry: SpoolEntry): number {
  if (entry.kind === 'loss') return 0
  return entry.batch.records.reduce((sum, { value }) => sum + value.length, 0)
}
