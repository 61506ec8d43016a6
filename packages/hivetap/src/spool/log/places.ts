import type { LossReason } from '../spool.js'
import type { LostRange } from './lost-ranges.js'
import { type Acknowledged, PlaceReader, type ReaderLog } from './place-reader.js'
import { checkReaders } from './readers.js'
import type { RecentBatches } from './recent.js'
import type { Store } from './store.js'
import type { Tape } from './tape.js'

/** The readers of a spool: where each is, and what it lost. */
export class Places implements ReaderLog {
  readonly tape: Tape
  readonly store: Store
  readonly recent: RecentBatches
  /** What was lost since the spool was opened, by reason; for each reader anew. */
  readonly lost = new Map<LossReason, number>()
  readonly #acknowledged: Map<string, Acknowledged>
  readonly #open = new Map<string, PlaceReader>()
  #closed = false
  /** Whom to tell when a reader has read, or acknowledged. */
  onRead: () => void = () => undefined
  onAcknowledged: () => void = () => undefined

  /** @param acknowledged the configured readers, with what they have acknowledged */
  constructor(
    log: Pick<ReaderLog, 'tape' | 'store' | 'recent'>,
    acknowledged: ReadonlyMap<string, Acknowledged>,
  ) {
    this.tape = log.tape
    this.store = log.store
    this.recent = log.recent
    this.#acknowledged = new Map(acknowledged)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Whether somebody reads now. */
  get isRead(): boolean {
    return this.#open.size > 0
  }

  /** Place that every reader has acknowledged; without readers, any. */
  get acknowledged(): number {
    let least = Number.POSITIVE_INFINITY
    for (const { place } of this.#acknowledged.values()) least = Math.min(least, place)
    return least
  }

  /** Place that every reader that reads now has read. */
  get read(): number {
    let least = Number.POSITIVE_INFINITY
    for (const { place } of this.#open.values()) least = Math.min(least, place)
    return least
  }

  get heldBytes(): number {
    const { endByte, startByte } = this.store
    let held = 0
    for (const { byte } of this.#acknowledged.values())
      held = Math.max(held, endByte - Math.max(byte, startByte))
    return held
  }

  /** What each reader has acknowledged, by its name. */
  get cursors(): ReadonlyMap<string, number> {
    return new Map([...this.#acknowledged].map(([name, { place }]) => [name, place]))
  }

  /** @throws {RangeError} if no such reader is configured @throws {Error} if there is one */
  open(name: string): PlaceReader {
    const acknowledged = this.#acknowledged.get(name)
    if (acknowledged === undefined)
      throw new RangeError(
        `The spool has no reader ${name}: ${[...this.#acknowledged.keys()].join(', ') || 'none'}`,
      )
    if (this.#open.has(name))
      throw new Error(`Reader ${name} of the spool is open: close it before it is opened again`)
    const reader = new PlaceReader(name, this, acknowledged)
    this.#open.set(name, reader)
    return reader
  }

  /** Configures one more reader, from the oldest batch that is held. @throws {RangeError} if there are too many */
  add(name: string): void {
    if (this.#acknowledged.has(name)) return
    checkReaders([...this.#acknowledged.keys(), name])
    this.#acknowledged.set(name, { place: this.store.start, byte: this.store.startByte })
    this.onAcknowledged()
  }

  /** Configures a reader no more. @throws {Error} if it is open */
  forget(name: string): void {
    if (this.#open.has(name)) throw new Error(`Reader ${name} of the spool is open: close it first`)
    if (this.#acknowledged.delete(name)) this.onAcknowledged()
  }

  wake(): void {
    for (const reader of this.#open.values()) reader.wake()
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#open.values()].map((reader) => reader.closed()))
  }

  /** Records that no reader will see. */
  countRefused(count: number, reason: LossReason): void {
    this.#count(count * this.#acknowledged.size, reason)
  }

  /** Stretches that were removed: lost to the readers that had not read them. */
  countGivenUp(ranges: readonly LostRange[]): void {
    for (const [name, { place: acknowledged }] of this.#acknowledged) {
      const place = this.#open.get(name)?.place ?? acknowledged
      for (const { from, to, reason } of ranges) this.#count(Math.max(0, to - Math.max(from, place)), reason)
    }
  }

  foundDamaged(count: number): void {
    this.#count(count, 'spool_damaged')
  }

  movedOn(): void {
    this.onRead()
  }

  acknowledgedMore(): void {
    this.onAcknowledged()
  }

  readerClosed(name: string): void {
    this.#open.delete(name)
  }

  #count(count: number, reason: LossReason): void {
    if (count > 0) this.lost.set(reason, (this.lost.get(reason) ?? 0) + count)
  }
}
