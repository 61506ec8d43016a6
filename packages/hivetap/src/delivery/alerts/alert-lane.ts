import type { AlertSink } from '../../detect/alert.js'
import { Waiting } from '../../spool/log/waiting.js'
import { Backoff } from '../backoff.js'
import { type DeliveryError, deliveryErrorOf } from '../destination.js'
import { type AlertLoss, AlertQueue, type WaitingAlert } from './alert-queue.js'
import { AlertsRefused } from './alerts-refused.js'

/** Alerts that are told at once, at most. */
const AT_ONCE = 100
/** Losses are said this often at most, and then summed up. */
const SAY_EVERY_MS = 10_000

/** What a sink of alerts counts: given = told + waiting + Σ lost. */
export interface AlertCounters {
  told: number
  /** Tries that failed, by kind. */
  readonly failures: Map<string, number>
  readonly lost: Map<AlertLoss, number>
}

/** What a lane says as it goes on. */
export interface LaneEvents {
  /** A sink takes alerts again, or no longer. */
  changed(sink: string, up: boolean, error: DeliveryError | undefined): void
  /** So many more alerts will not be told, and why; where one was refused, what was said of it. */
  lost(sink: string, reason: AlertLoss, count: number, error: DeliveryError | undefined): void
}

/** The way to one sink: what waits for it, and who tells it. */
export class AlertLane {
  readonly counters: AlertCounters = { told: 0, failures: new Map(), lost: new Map() }
  readonly #sink: AlertSink
  readonly #events: LaneEvents
  readonly #queue: AlertQueue
  readonly #unsaid = new Map<AlertLoss, number>()
  #saidAtMs = Number.NEGATIVE_INFINITY
  #ended = false
  #atOnce = AT_ONCE
  #up: boolean | undefined
  #error: DeliveryError | undefined
  /** For something to tell. */
  readonly #work = new Waiting()

  constructor(sink: AlertSink, most: number, events: LaneEvents) {
    this.#sink = sink
    this.#events = events
    this.#queue = new AlertQueue(most, (reason) => this.#lose(reason, 1))
  }

  get name(): string {
    return this.#sink.name
  }

  /** Whether the last try worked; `undefined` before there was one. */
  get up(): boolean | undefined {
    return this.#up
  }

  /** Why it is down. */
  get error(): DeliveryError | undefined {
    return this.#error
  }

  get waiting(): number {
    return this.#queue.size
  }

  push(waiting: WaitingAlert): void {
    this.#queue.push(waiting)
    this.#work.wake()
  }

  /** Tells what waits, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let backoff = new Backoff()
    while (!signal.aborted) {
      if (this.#queue.size === 0) {
        await this.#work.wait(signal)
        continue
      }
      const error = await this.#tell(signal)
      if (error === undefined) backoff = new Backoff()
      else await backoff.wait(error.passing, signal)
    }
  }

  /** What still waits is not told any more, though a sink may hang on to it. */
  end(): void {
    this.#ended = true
    this.#lose('ended', this.#queue.forget())
    this.#say()
  }

  /** @returns why it did not work */
  async #tell(signal: AbortSignal): Promise<DeliveryError | undefined> {
    const alerts = this.#queue.take(this.#atOnce)
    try {
      await this.#sink.tell(alerts, signal)
      if (this.#ended) return undefined
      this.counters.told += alerts.length
    } catch (cause) {
      const error = deliveryErrorOf(cause, this.name)
      if (this.#ended) return error
      if (!(error instanceof AlertsRefused)) {
        this.#queue.giveBack()
        // The same again, without what came meanwhile: a sink may know that it is partly out.
        this.#atOnce = alerts.length
        if (!signal.aborted) this.#failed(error)
        return error
      }
      this.counters.told += alerts.length - error.refused.length
      this.#lose('refused', error.refused.length, error)
    }
    this.#queue.done()
    this.#atOnce = AT_ONCE
    this.#turn(true, undefined)
    return undefined
  }

  #failed(error: DeliveryError): void {
    const { failures } = this.counters
    failures.set(error.kind, (failures.get(error.kind) ?? 0) + 1)
    this.#turn(false, error)
  }

  #turn(up: boolean, error: DeliveryError | undefined): void {
    const isSame = up === this.#up && error?.kind === this.#error?.kind
    this.#up = up
    this.#error = error
    if (isSame) return
    this.#events.changed(this.name, up, error)
    if (up) this.#say()
  }

  #lose(reason: AlertLoss, count: number, error?: DeliveryError): void {
    if (count === 0) return
    for (const sums of [this.counters.lost, this.#unsaid]) sums.set(reason, (sums.get(reason) ?? 0) + count)
    if (Date.now() - this.#saidAtMs >= SAY_EVERY_MS) this.#say(error)
  }

  #say(error?: DeliveryError): void {
    if (this.#unsaid.size > 0) this.#saidAtMs = Date.now()
    for (const [reason, count] of this.#unsaid) this.#events.lost(this.name, reason, count, error)
    this.#unsaid.clear()
  }
}
