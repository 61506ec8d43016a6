import { setTimeout as sleep } from 'node:timers/promises'
import type { Alert, AlertSink } from '../../detect/alert.js'
import { DeliveryError } from '../destination.js'
import { type AlertCounters, AlertLane, type LaneEvents } from './alert-lane.js'
import { isResumable } from './alert-sink-kind.js'

/** Alerts that wait for one sink, unless said otherwise. */
const MOST_WAITING = 1000
/** With fewer, all that waits might be under way. */
const LEAST_WAITING = 200
/** Once it is called off, a sink has this long to let go. */
const LET_GO_MS = 1000

/** How alerts are relayed. */
export interface AlertRelayOptions extends LaneEvents {
  /** Alerts that wait for one sink at most: 1000, and 200 at least. */
  readonly mostWaiting?: number
}

/** How a sink of alerts does. */
export interface AlertSinkState {
  readonly name: string
  /** Whether the last try worked; `undefined` before there was one. */
  readonly up: boolean | undefined
  /** Why it is down. */
  readonly error: DeliveryError | undefined
  readonly waiting: number
  readonly counters: AlertCounters
}

interface Pending {
  /** Alerts times sinks that are not settled. */
  left: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * Tells alerts to several sinks, to each in order and at its own pace: what fails is tried again until it works, and what
 * waits too long is given up in an order that keeps what matters, and counted.
 */
export class AlertRelay {
  readonly #sinks: readonly AlertSink[]
  readonly #lanes: readonly AlertLane[]
  readonly #stop = new AbortController()
  readonly #running: Promise<unknown>
  readonly #pending = new Set<Pending>()
  #closing: Promise<void> | undefined
  /** Called whenever a batch is out. */
  #out: () => void = () => undefined
  /** Called whenever an alert is out, or a sink comes or goes. */
  readonly #moves = new Set<() => void>()

  constructor(sinks: readonly AlertSink[], options: AlertRelayOptions) {
    const most = Math.max(LEAST_WAITING, options.mostWaiting ?? MOST_WAITING)
    this.#sinks = sinks
    const events: LaneEvents = {
      changed: (...change) => {
        options.changed(...change)
        this.#moved()
      },
      lost: (...loss) => options.lost(...loss),
    }
    this.#lanes = sinks.map((sink) => new AlertLane(sink, most, events))
    this.#running = Promise.all(this.#lanes.map((lane) => lane.run(this.#stop.signal)))
  }

  get states(): readonly AlertSinkState[] {
    return this.#lanes.map(({ name, up, error, waiting, counters }) => ({
      name,
      up,
      error,
      waiting,
      counters,
    }))
  }

  /** Alerts that are open from before, for sinks that tell of open ones again and again. Called before the first `tell`. */
  resume(open: readonly Alert[]): void {
    for (const sink of this.#sinks) if (isResumable(sink)) sink.resume(open)
  }

  /**
   * Tells alerts, in their order, behind those of calls before.
   *
   * @returns once each sink has each of them, or they were given up and counted: only then may be committed what they were
   *   made of. A promise that nobody awaits does no harm.
   * @throws {DeliveryError} `ended` if it is closed before that
   */
  tell(alerts: readonly Alert[]): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(ended())
    const left = alerts.length * this.#lanes.length
    if (left === 0) return Promise.resolve()
    const out = new Promise<void>((resolve, reject) => {
      const pending: Pending = { left, resolve, reject }
      this.#pending.add(pending)
      const settle = () => this.#settle(pending)
      for (const lane of this.#lanes) for (const alert of alerts) lane.push({ alert, settle })
    })
    out.catch(() => undefined)
    return out
  }

  /**
   * For whoever has more to tell than waits at once, and is in no hurry.
   *
   * @returns once nothing waits for a sink that takes alerts, or `signal` aborts. One that is down holds nobody up: what waits
   *   for it has its bound
   */
  async caughtUp(signal?: AbortSignal): Promise<void> {
    const isBehind = () => this.#lanes.some(({ waiting, up }) => waiting > 0 && up !== false)
    while (isBehind() && this.#closing === undefined && signal?.aborted !== true)
      await new Promise<void>((resolve) => {
        const move = () => {
          this.#moves.delete(move)
          signal?.removeEventListener('abort', move)
          resolve()
        }
        this.#moves.add(move)
        signal?.addEventListener('abort', move)
      })
  }

  /** Tells what waits, for so long at most, and closes the sinks. What is not told then is counted as `ended`. */
  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    this.#moved()
    return this.#closing
  }

  async #close(timeoutMs: number): Promise<void> {
    const isOut = new Promise<void>((resolve) => {
      this.#out = () => {
        if (this.#pending.size === 0) resolve()
      }
      this.#out()
    })
    await atMost(timeoutMs, isOut)
    this.#stop.abort()
    await atMost(LET_GO_MS, this.#running)
    for (const lane of this.#lanes) lane.end()
    await atMost(LET_GO_MS, Promise.allSettled(this.#sinks.map((sink) => sink.close())))
    for (const { reject } of this.#pending) reject(ended())
    this.#pending.clear()
  }

  #moved(): void {
    for (const move of [...this.#moves]) move()
  }

  #settle(pending: Pending): void {
    pending.left--
    this.#moved()
    if (pending.left > 0) return
    this.#pending.delete(pending)
    pending.resolve()
    this.#out()
  }
}

/** Waits for work, but not longer; of it nothing stays that would hold the process. */
async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController()
  const late = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined)
  await Promise.race([work, late])
  timer.abort()
}

function ended(): DeliveryError {
  return new DeliveryError('ended', 'The alerts were not told to all: it ended before.', { passing: true })
}
