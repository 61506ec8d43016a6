import { setTimeout as sleep } from 'node:timers/promises'
import type { SpoolEntry, SpoolReader } from '../spool.js'
import type { RecentBatches } from './recent.js'
import type { Found, Store, StoreCursor } from './store.js'
import type { Tape } from './tape.js'
import { Waiting } from './waiting.js'

/** What a reader has acknowledged: the place, and where that is. */
export interface Acknowledged {
  place: number
  byte: number
}

/** What a reader reads from, and whom it tells. */
export interface ReaderLog {
  readonly tape: Tape
  readonly store: Store
  /** Batches that need not be read back. */
  readonly recent: RecentBatches
  readonly closed: boolean
  /** A reader has read more, or acknowledged more. */
  movedOn(): void
  acknowledgedMore(): void
  /** Records that it found damaged: told, and not counted before. */
  foundDamaged(count: number): void
  readerClosed(name: string): void
}

/** How long after something could not be read it is tried again: milliseconds. */
const AGAIN_MS = 250

/** A reader by its place on the tape. */
export class PlaceReader implements SpoolReader {
  readonly #name: string
  readonly #log: ReaderLog
  readonly #acknowledged: Acknowledged
  readonly #waiting = new Waiting()
  readonly #points = new WeakMap<SpoolEntry, Acknowledged>()
  #cursor: StoreCursor | undefined
  #place: number
  #byte: number
  /** What was read behind a stretch that cannot be. */
  #ahead: Found | undefined
  /** Losses that are to be told before anything else. */
  #losses: SpoolEntry[] = []
  #damageCounted = 0
  #reading: Promise<SpoolEntry | undefined> | undefined
  readonly #closing = new AbortController()

  constructor(name: string, log: ReaderLog, acknowledged: Acknowledged) {
    this.#name = name
    this.#log = log
    this.#acknowledged = acknowledged
    this.#place = acknowledged.place
    this.#byte = acknowledged.byte
  }

  /** Place of what it reads next. */
  get place(): number {
    return this.#place
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Whether it has read all there is, and waits for more. */
  get isWaiting(): boolean {
    return this.#waiting.isWaited
  }

  get backlogBytes(): number {
    const { store } = this.#log
    return Math.max(0, store.endByte - Math.max(this.#byte, store.startByte))
  }

  /** Something was appended, given up or closed. */
  wake(): void {
    this.#waiting.wake()
  }

  /** @throws {Error} if it is asked while it is being asked */
  async next(signal: AbortSignal): Promise<SpoolEntry | undefined> {
    if (this.#reading !== undefined)
      throw new Error(`Reader ${this.#name} of the spool is already waiting for its next entry`)
    this.#reading = this.#next(signal)
    try {
      return await this.#reading
    } finally {
      this.#reading = undefined
      if (this.#closed) this.#letGo()
    }
  }

  acknowledge(entry: SpoolEntry): void {
    const point = this.#points.get(entry)
    if (point === undefined)
      throw new RangeError(`Cannot acknowledge an entry that reader ${this.#name} of the spool did not read`)
    if (point.place <= this.#acknowledged.place) return
    this.#acknowledged.place = point.place
    this.#acknowledged.byte = Math.max(point.byte, this.#acknowledged.byte)
    this.#log.acknowledgedMore()
  }

  close(): void {
    if (this.#closed) return
    this.#closing.abort()
    this.#waiting.wake()
    if (this.#reading === undefined) this.#letGo()
    this.#log.readerClosed(this.#name)
  }

  /** Closes it, and waits for the file that it may be reading. */
  async closed(): Promise<void> {
    this.close()
    await this.#reading?.catch(() => undefined)
    this.#letGo()
  }

  async #next(signal: AbortSignal): Promise<SpoolEntry | undefined> {
    while (!signal.aborted && !this.#closed && !this.#log.closed) {
      const entry = this.#losses.shift() ?? this.#inMemory()
      if (entry !== undefined) return entry
      if (this.#losses.length > 0) continue
      if (this.#place >= this.#log.tape.place) await this.#waiting.wait(signal)
      else if ((await this.#readOn()) === 'again') await this.#pause(signal)
    }
    return undefined
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await sleep(AGAIN_MS, undefined, { signal: AbortSignal.any([signal, this.#closing.signal]) }).catch(
      () => undefined,
    )
  }

  #letGo(): void {
    this.#cursor?.close()
    this.#cursor = undefined
    this.#ahead = undefined
  }

  /** What can be told without reading: a batch in memory, or that the place where it stands is lost. */
  #inMemory(): SpoolEntry | undefined {
    const { tape, store, recent } = this.#log
    if (this.#place < store.start) {
      this.#lose(Math.min(store.start, tape.place), Math.max(this.#byte, store.startByte))
      return undefined
    }
    const ahead = this.#ahead
    if (ahead !== undefined) {
      this.#ahead = undefined
      const entry = this.#take(ahead)
      if (entry !== undefined || this.#losses.length > 0) return entry
    }
    const lost = tape.lost.at(this.#place)
    if (lost !== undefined) {
      this.#lose(lost.to, this.#byte)
      return undefined
    }
    const entry = recent.at(this.#place)
    return entry === undefined ? undefined : this.#take(entry)
  }

  /** Reads until there is a batch, or nothing more: what lies before it and cannot be read is one loss. */
  async #readOn(): Promise<'again' | undefined> {
    const { tape, store } = this.#log
    this.#cursor ??= store.cursor()
    const limit = tape.place
    let byte = Math.max(this.#byte, store.startByte)
    for (;;) {
      const found = await this.#cursor.read(byte)
      // What was given up meanwhile is told first.
      if (this.#closed || this.#place < store.start) return undefined
      if (found === 'again') return found
      if (found === undefined) {
        this.#lose(limit, byte)
        return undefined
      }
      byte = found.nextByte
      if (found.place + found.batch.records.length <= this.#place) continue
      if (found.place > this.#place) this.#lose(found.place, this.#byte)
      this.#ahead = found
      return undefined
    }
  }

  /** A batch that was found, from where this reader is. */
  #take({ place, batch, nextByte }: Found): SpoolEntry | undefined {
    const skip = this.#place - place
    const end = place + batch.records.length
    if (skip < 0 || end <= this.#place) return undefined
    const { epoch, firstSequence, records, position } = batch
    const rest = { epoch, firstSequence: firstSequence + skip, records: records.slice(skip) }
    const entry: SpoolEntry = {
      kind: 'batch',
      batch: skip === 0 ? batch : { ...rest, ...(position === undefined ? {} : { position }) },
    }
    this.#moveTo(end, nextByte)
    this.#points.set(entry, { place: end, byte: nextByte })
    this.#log.movedOn()
    return entry
  }

  /** Goes on behind a stretch that cannot be read, and tells of it. */
  #lose(to: number, byte: number): void {
    for (const { loss, to: behind } of this.#log.tape.losses(this.#place, to)) {
      const entry: SpoolEntry = { kind: 'loss', loss }
      this.#points.set(entry, { place: behind, byte })
      this.#losses.push(entry)
      if (loss.reason !== 'spool_damaged' || behind <= this.#damageCounted) continue
      this.#damageCounted = behind
      this.#log.foundDamaged(loss.lastSequence - loss.firstSequence + 1)
    }
    this.#moveTo(to, byte)
  }

  #moveTo(place: number, byte: number): void {
    this.#place = place
    this.#byte = byte
  }
}
