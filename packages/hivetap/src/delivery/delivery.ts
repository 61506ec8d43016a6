import type { Loss, LossReason, SpoolBatch, SpoolEntry, SpoolReader } from '../spool/spool.js'
import { Backoff } from './backoff.js'
import { type DeliveryError, type Destination, deliveryErrorOf, type Rejection } from './destination.js'
import { bytesOf, Gatherer, MOST_AT_ONCE } from './gatherer.js'
import { lossBatch } from './loss-record.js'
import { lossesOf } from './rejected.js'

/** Whether the far end takes what it is sent. */
export type DeliveryState = 'opening' | 'up' | 'down'

/** How a delivery is made, and what it says as it goes on. */
export interface DeliveryOptions {
  /** The host, as records of losses name it. */
  readonly node: string
  /** Bytes that may be under way at once: with more, no further batch is read. */
  readonly mostBytes: number
  /** It changed: since when it had been as it was `before` (milliseconds since 1970), and for `down` why. */
  changed(
    state: DeliveryState,
    sinceMs: number,
    error: DeliveryError | undefined,
    before: DeliveryState,
  ): void
}

/** What a delivery counts. */
export interface DeliveryCounters {
  /** Records that the far end has: events and accounts. */
  delivered: number
  batches: number
  /** Batches that were tried again. */
  retries: number
  readonly lost: Map<LossReason, number>
  /** Failures by kind. */
  readonly failures: Map<string, number>
}

/** Entries that are delivered as one. */
interface Group {
  readonly entries: readonly SpoolEntry[]
  /** What is sent; of a loss, nothing yet. */
  readonly batch: SpoolBatch | undefined
  readonly bytes: number
  settled: boolean
}

/**
 * Brings what a spool holds to a destination, until it is told to stop: each batch until it is taken, however long that
 * takes. An entry is acknowledged once it and all before it have arrived, and what is lost on the way has been declared at
 * the far end.
 */
export class Delivery {
  readonly counters: DeliveryCounters = {
    delivered: 0,
    batches: 0,
    retries: 0,
    lost: new Map(),
    failures: new Map(),
  }
  readonly #destination: Destination
  readonly #reader: SpoolReader
  readonly #gatherer: Gatherer
  readonly #options: DeliveryOptions
  #state: DeliveryState = 'opening'
  #since = Date.now()
  #error: DeliveryError | undefined
  /** What is under way, oldest first. */
  readonly #groups: Group[] = []
  /** Called whenever one of them has arrived. */
  #settled: () => void = () => undefined

  constructor(destination: Destination, reader: SpoolReader, options: DeliveryOptions) {
    this.#destination = destination
    this.#reader = reader
    const { records, bytes } = destination.mostAtOnce ?? MOST_AT_ONCE
    this.#gatherer = new Gatherer(reader, { records, bytes: Math.min(bytes, options.mostBytes) })
    this.#options = options
  }

  get name(): string {
    return this.#destination.name
  }

  get state(): DeliveryState {
    return this.#state
  }

  /** Since when its state is what it is: milliseconds since 1970. */
  get sinceMs(): number {
    return this.#since
  }

  /** Why it is down. */
  get error(): DeliveryError | undefined {
    return this.#error
  }

  /** Bytes that it has yet to send. */
  get backlogBytes(): number {
    return this.#reader.backlogBytes
  }

  /** Whether all that the spool holds has arrived. */
  get idle(): boolean {
    return this.#groups.length === 0 && this.#gatherer.isEmpty
  }

  /** Delivers until `signal` aborts. What is under way then is sent again by the next one. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#settled(), { once: true })
    const opened = await this.#insist(async (inner) => {
      await this.#destination.open(inner)
      return true
    }, signal)
    if (opened === undefined) return
    const sent: Set<Promise<void>> = new Set()
    while (!signal.aborted) {
      const group = await this.#next(signal)
      if (group === undefined) break
      this.#groups.push(group)
      const sending: Promise<void> = this.#send(group, signal).finally(() => sent.delete(sending))
      sent.add(sending)
    }
    await Promise.all(sent)
  }

  async close(): Promise<void> {
    this.#reader.close()
    await this.#destination.close()
  }

  /**
   * What is sent next, once there is room for it. A destination that can make use of it is told beforehand where as much waits
   * as can be sent at once; where less does, it is better to see first what comes besides.
   *
   * @returns `undefined` once `signal` aborts, or the spool is closed
   */
  async #next(signal: AbortSignal): Promise<Group | undefined> {
    const isAhead = this.#destination.readAhead !== undefined && !this.#hasRoom() && this.#gatherer.isBehind
    if (!isAhead) await this.#room(signal)
    const entries = await this.#gatherer.take(signal)
    if (entries === undefined) return undefined
    const batch = entries[0]?.kind === 'loss' ? undefined : batchOf(entries)
    if (isAhead) {
      if (batch !== undefined) this.#destination.readAhead?.(batch)
      await this.#room(signal)
    }
    return { entries, batch, bytes: bytesOf(entries), settled: false }
  }

  /** Waits until another group may be sent. */
  async #room(signal: AbortSignal): Promise<void> {
    while (!this.#hasRoom() && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.#settled = resolve
      })
  }

  #hasRoom(): boolean {
    const bytes = this.#groups.reduce((sum, group) => sum + group.bytes, 0)
    return this.#groups.length < this.#destination.window && bytes < this.#options.mostBytes
  }

  async #send(group: Group, signal: AbortSignal): Promise<void> {
    const { batch, entries } = group
    const [first] = entries
    const isDone =
      first?.kind === 'loss'
        ? await this.#declare(first.loss, signal)
        : batch !== undefined && (await this.#deliver(batch, signal))
    if (!isDone) return
    group.settled = true
    this.#acknowledge()
  }

  /** @returns whether the far end has the batch, and knows of what it does not take */
  async #deliver(batch: SpoolBatch, signal: AbortSignal): Promise<boolean> {
    const rejections = await this.#try(batch, signal)
    if (rejections === undefined) return false
    for (const loss of lossesOf(batch, rejections)) if (!(await this.#declare(loss, signal))) return false
    return true
  }

  /**
   * Says at the far end that something is lost. A declaration that is not taken cannot be declared: whoever audits the far end
   * finds the hole.
   *
   * @returns whether the far end was told
   */
  async #declare(loss: Loss, signal: AbortSignal): Promise<boolean> {
    const { lost } = this.counters
    const count = loss.lastSequence - loss.firstSequence + 1
    lost.set(loss.reason, (lost.get(loss.reason) ?? 0) + count)
    const batch = lossBatch(loss, { sink: this.name, node: this.#options.node, nowMs: Date.now() })
    return (await this.#try(batch, signal)) !== undefined
  }

  /** @returns what the far end does not take of the batch; `undefined` once `signal` aborts */
  async #try(batch: SpoolBatch, signal: AbortSignal): Promise<readonly Rejection[] | undefined> {
    const rejections = await this.#insist((inner) => this.#destination.deliver(batch, inner), signal)
    if (rejections === undefined) return undefined
    this.counters.batches++
    this.counters.delivered += batch.records.length - rejections.length
    return rejections
  }

  /** Tries until it works. @returns what came of it, or `undefined` once `signal` aborts */
  async #insist<T extends object | true>(
    attempt: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const backoff = new Backoff()
    while (!signal.aborted) {
      try {
        const result = await attempt(signal)
        this.#turn('up')
        return result
      } catch (cause) {
        if (signal.aborted) return undefined
        const error = deliveryErrorOf(cause, this.name)
        const { failures } = this.counters
        failures.set(error.kind, (failures.get(error.kind) ?? 0) + 1)
        this.counters.retries++
        this.#turn('down', error)
        await backoff.wait(error.passing, signal)
      }
    }
    return undefined
  }

  #turn(state: DeliveryState, error?: DeliveryError): void {
    const isSame = state === this.#state && error?.kind === this.#error?.kind
    this.#error = error
    if (isSame) return
    const [before, since] = [this.#state, this.#since]
    if (state !== this.#state) this.#since = Date.now()
    this.#state = state
    this.#options.changed(state, since, error, before)
  }

  /** Acknowledges what has arrived, up to the first that has not. */
  #acknowledge(): void {
    while (this.#groups[0]?.settled === true) {
      const last = this.#groups.shift()?.entries.at(-1)
      if (last !== undefined) this.#reader.acknowledge(last)
    }
    this.#settled()
  }
}

/** The records of batches that follow on each other, as one batch. */
function batchOf(entries: readonly SpoolEntry[]): SpoolBatch {
  const batches = entries.flatMap((entry) => (entry.kind === 'batch' ? [entry.batch] : []))
  const [first, ...others] = batches
  if (first === undefined) throw new Error('There is no batch to be sent')
  if (others.length === 0) return first
  const { epoch, firstSequence } = first
  return { epoch, firstSequence, records: batches.flatMap(({ records }) => records) }
}
