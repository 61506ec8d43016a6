import { errorCode } from '../../io/error-code.js'
import { type FramePlan, planFrame } from '../codec/frame.js'
import { MAX_FRAME_BYTES } from '../codec/frame-header.js'
import type {
  LossReason,
  Spool,
  SpoolBatch,
  SpoolCounters,
  SpoolEnd,
  SpoolPolicy,
  SpoolReader,
} from '../spool.js'
import { AppendQueue, type WaitingAppend } from './append-queue.js'
import type { Keeper } from './keeper.js'
import type { Places } from './places.js'
import { memoryBytes, type RecentBatches } from './recent.js'
import type { Store } from './store.js'
import type { Tape } from './tape.js'

/** What a spool is made of, and what it does at its bounds. */
export interface BoundedSpoolParts {
  readonly store: Store
  readonly tape: Tape
  readonly keeper: Keeper
  readonly places: Places
  readonly policy: SpoolPolicy
  readonly maxAgeMs: number | undefined
  /** Batches in memory; with `cacheBytes`, a copy of the newest that the store holds too. */
  readonly recent: RecentBatches
  readonly cacheBytes: number | undefined
  /** The wall clock: milliseconds since 1970. */
  readonly now: () => number
}

/** How an append ended; `full`, `failed`: it may wait for room. */
type Outcome = 'accepted' | 'refused' | 'full' | 'failed'

/** How long after a write that failed it is tried again for who waits: milliseconds. */
const RETRY_MS = 250
/** How often age is looked at, if nothing is appended: at least and at most, in milliseconds. */
const AGE_CHECK_MS = [50, 60_000] as const
/** Errors that go away when files are removed. */
const NO_SPACE = ['ENOSPC', 'EDQUOT']

/** The spool but for where its batches are kept: the policy at its bounds, and the account of what that loses. */
export class BoundedSpool implements Spool {
  readonly end: SpoolEnd | undefined
  readonly #parts: BoundedSpoolParts
  readonly #queue = new AppendQueue()
  readonly #ageTimer: NodeJS.Timeout | undefined
  #retryTimer: NodeJS.Timeout | undefined
  #batches = 0
  #records = 0
  #bytes = 0
  #releasing = false
  #closing: Promise<void> | undefined

  constructor(parts: BoundedSpoolParts) {
    this.#parts = parts
    this.end = parts.tape.end
    parts.places.onAcknowledged = () => this.#acknowledged()
    parts.places.onRead = () => this.#trimCache()
    if (parts.maxAgeMs !== undefined) {
      const every = Math.min(Math.max(parts.maxAgeMs / 8, AGE_CHECK_MS[0]), AGE_CHECK_MS[1])
      this.#ageTimer = setInterval(() => this.#expire(), every).unref()
    }
  }

  get counters(): SpoolCounters {
    const { places } = this.#parts
    const [batches, records, bytes] = [this.#batches, this.#records, this.#bytes]
    return { batches, records, bytes, heldBytes: places.heldBytes, lost: new Map(places.lost) }
  }

  /** Bytes of batches that are held in memory. */
  get cachedBytes(): number {
    return this.#parts.recent.bytes
  }

  async append(batch: SpoolBatch, signal: AbortSignal): Promise<boolean> {
    if (this.#closing !== undefined) throw new Error('Cannot append to a spool that is closed')
    const plan = planFrame(batch.records)
    if (!this.#queue.isEmpty) return await this.#wait(batch, plan, signal)
    const outcome = this.#try(batch, plan)
    if (outcome === 'full' || outcome === 'failed') return await this.#wait(batch, plan, signal, outcome)
    const flushed = this.#parts.store.flush()
    if (flushed !== undefined) await flushed
    return outcome === 'accepted'
  }

  reader(name: string): SpoolReader {
    if (this.#closing !== undefined) throw new Error('Cannot read from a spool that is closed')
    return this.#parts.places.open(name)
  }

  addReader(name: string): void {
    this.#parts.places.add(name)
  }

  forgetReader(name: string): void {
    this.#parts.places.forget(name)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearInterval(this.#ageTimer)
    clearTimeout(this.#retryTimer)
    for (let next = this.#queue.first; next !== undefined; next = this.#queue.first) this.#refuseWaiting(next)
    await this.#parts.places.close()
    // The store first: what the state tells of it is then on the medium before the state is.
    await this.#parts.store.close()
    await this.#parts.keeper.close()
  }

  /** Accepts a batch, gives up older ones for it, or refuses it; with `block` it says why it cannot, and changes nothing. */
  #try(batch: SpoolBatch, plan: FramePlan): Outcome {
    const { store, tape, keeper, policy, now } = this.#parts
    const count = batch.records.length
    const { run, isNew } = tape.runOf(batch)
    // Known before its first record is written, whatever becomes of that.
    if (isNew) keeper.save()
    if (count === 0) {
      tape.advance(0, batch.position)
      keeper.saveSoon()
      return 'accepted'
    }
    this.#expire()
    for (;;) {
      const room = plan.length > MAX_FRAME_BYTES ? 'never' : store.room(plan.length, count)
      if (room === 'never') return this.#refuse(batch, 'spool_full')
      if (room === 'no') {
        if (this.#reclaim() || (policy === 'drop_oldest' && this.#giveUp('spool_full'))) continue
        return policy === 'block' ? 'full' : this.#refuse(batch, 'spool_full')
      }
      try {
        store.put(batch, plan, run, tape.place, now())
      } catch (error) {
        const mayHelp = NO_SPACE.includes(errorCode(error) ?? '')
        if (mayHelp && (this.#reclaim() || (policy === 'drop_oldest' && this.#giveUp('spool_failed'))))
          continue
        return policy === 'block' ? 'failed' : this.#refuse(batch, 'spool_failed')
      }
      this.#accepted(batch, plan)
      return 'accepted'
    }
  }

  #accepted(batch: SpoolBatch, { length }: FramePlan): void {
    const { tape, store, recent, cacheBytes, places, now } = this.#parts
    const count = batch.records.length
    if (cacheBytes !== undefined && places.isRead) {
      const bytes = memoryBytes(length, count)
      recent.add({ place: tape.place, batch, bytes, nextByte: store.endByte, ms: now() })
      recent.shrink(cacheBytes)
    }
    tape.advance(count, batch.position)
    this.#batches++
    this.#records += count
    this.#bytes += length
    places.wake()
  }

  #refuse(batch: SpoolBatch, reason: LossReason): 'refused' {
    const { tape, places, keeper } = this.#parts
    tape.runOf(batch)
    const count = batch.records.length
    places.countRefused(count, reason)
    tape.refuse(count, batch.position, reason)
    keeper.save()
    places.wake()
    return 'refused'
  }

  /** Removes the oldest part, if all have read it: no loss. @returns whether there is more room */
  #reclaim(): boolean {
    const { store, places, keeper } = this.#parts
    if (store.oldest === undefined || store.oldest.to > places.acknowledged) return false
    keeper.save()
    return store.removeOldest()
  }

  /**
   * Gives up the oldest part. The account of it is written before it is removed; where that cannot be done, it is lost all the
   * same, once.
   *
   * @returns whether there is more room
   */
  #giveUp(reason: LossReason): boolean {
    const { store, tape, places, keeper } = this.#parts
    const { oldest, start } = store
    if (oldest === undefined) return false
    const from = Math.max(start, places.acknowledged)
    if (from < oldest.to) places.countGivenUp(tape.lost.add(from, oldest.to, reason))
    keeper.save()
    const isRemoved = store.removeOldest()
    places.wake()
    return isRemoved
  }

  #expire(): void {
    const { store, maxAgeMs, now } = this.#parts
    if (maxAgeMs === undefined) return
    const before = now() - maxAgeMs
    let removed = false
    while (
      store.oldest !== undefined &&
      store.oldest.lastMs < before &&
      (this.#reclaim() || this.#giveUp('spool_age'))
    )
      removed = true
    if (removed && !this.#queue.isEmpty) queueMicrotask(this.#drain)
  }

  #wait(batch: SpoolBatch, plan: FramePlan, signal: AbortSignal, why?: 'full' | 'failed'): Promise<boolean> {
    if (why === 'failed') this.#retrySoon()
    const reason = why === 'failed' ? 'spool_failed' : 'spool_full'
    return this.#queue.add({ batch, plan, reason }, signal, this.#drain)
  }

  /** Appends what waits, as far as there is room for it: in the order in which it came. */
  readonly #drain = (): void => {
    for (
      let next = this.#queue.first;
      next !== undefined && this.#closing === undefined;
      next = this.#queue.first
    ) {
      const waiting = next
      if (waiting.signal.aborted) {
        this.#refuseWaiting(waiting)
        continue
      }
      let outcome: Outcome | undefined
      const settled = this.#settle(waiting, () => {
        outcome = this.#try(waiting.batch, waiting.plan)
        return outcome === 'full' || outcome === 'failed' ? undefined : outcome === 'accepted'
      })
      if (settled) continue
      waiting.reason = outcome === 'failed' ? 'spool_failed' : 'spool_full'
      if (outcome === 'failed') this.#retrySoon()
      return
    }
  }

  #refuseWaiting(waiting: WaitingAppend): void {
    this.#settle(waiting, () => {
      this.#refuse(waiting.batch, waiting.reason)
      return false
    })
  }

  /** Answers the first that waits; what it is answered is only right if it follows on what came before. */
  #settle(waiting: WaitingAppend, answer: () => boolean | undefined): boolean {
    try {
      const accepted = answer()
      if (accepted === undefined) return false
      this.#queue.removeFirst()
      const flushed = accepted ? this.#parts.store.flush() : undefined
      if (flushed === undefined) waiting.resolve(accepted)
      else flushed.then(() => waiting.resolve(accepted), waiting.reject)
    } catch (error) {
      this.#queue.removeFirst()
      waiting.reject(error)
    }
    return true
  }

  #retrySoon(): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.#drain()
    }, RETRY_MS)
  }

  #acknowledged(): void {
    const { store, keeper, places, tape } = this.#parts
    const { acknowledged } = places
    tape.forget(Math.min(acknowledged, tape.place))
    keeper.saveSoon()
    if (this.#releasing || !store.canRelease(acknowledged)) {
      if (!this.#queue.isEmpty) this.#drain()
      return
    }
    // A segment is removed once it is certain that its readers are past it: else their places would point at nothing.
    this.#releasing = true
    keeper.saveDurably(() => {
      this.#releasing = false
      if (this.#closing !== undefined) return
      const isReleased = store.release(acknowledged)
      this.#drain()
      // What cannot be removed is tried again with the next acknowledgement.
      if (isReleased && store.canRelease(places.acknowledged)) this.#acknowledged()
    })
  }

  #trimCache(): void {
    if (this.#parts.cacheBytes !== undefined) this.#parts.recent.release(this.#parts.places.read)
  }
}
