import type { Cause } from '../../probes/connects/cause.js'
import type { AlertExample } from '../alert.js'
import { idOf } from '../event-id.js'
import type { Observation, Outcome } from '../observation.js'
import { timeOfUs } from '../time/time-text.js'

/** Of a key. */
const MOST_OF_KEY = 3
/** Of all keys of a window: where more have something to show, only the worst of all can. */
const MOST = 10_000

/** A connect that is kept to be shown. */
export interface Kept {
  readonly timeUs: number
  readonly eventId: string
  readonly latencyUs: number
  readonly outcome: Outcome
  readonly cause: Cause
  readonly host: string
  readonly comm: string
  readonly pid: number
  readonly destination: string
}

/** The three of each key that took longest, worst first. Which they are does not depend on the order in which connects come. */
export class Worst {
  readonly #byKey = new Map<number, Kept[]>()
  readonly #most: number
  #count = 0
  /** Connects that were not kept, since those of other keys are worse. */
  crowdedOut = 0

  constructor(most = MOST) {
    this.#most = most
  }

  take(key: number, observation: Observation): void {
    const kept = this.#byKey.get(key) ?? []
    const last = kept[MOST_OF_KEY - 1]
    // Most are not among the worst: nothing is made of them.
    if (last !== undefined && observation.latencyUs < last.latencyUs) return
    const { timeUs, latencyUs, outcome, cause, host, comm, pid, destination } = observation
    const eventId = idOf(observation)
    const one = { timeUs, eventId, latencyUs, outcome, cause, host, comm, pid, destination }
    if (last !== undefined && compare(one, last) >= 0) return
    if (kept.length === 0) this.#byKey.set(key, kept)
    const at = kept.findIndex((other) => compare(one, other) < 0)
    kept.splice(at < 0 ? kept.length : at, 0, one)
    if (kept.length > MOST_OF_KEY) kept.length = MOST_OF_KEY
    else this.#count++
    // Now and then, since to find the worst of all takes long.
    if (this.#count >= this.#most * 2) this.settle()
  }

  of(key: number): readonly Kept[] {
    return this.#byKey.get(key) ?? []
  }

  /** All that is to be counted has come: leaves as many as there may be, and the same ones whatever the order was. */
  settle(): void {
    if (this.#count <= this.#most) return
    const all = [...this.#byKey].flatMap(([key, kept]) => kept.map((one) => ({ key, one })))
    all.sort((a, b) => compare(a.one, b.one))
    this.crowdedOut += all.length - this.#most
    this.#byKey.clear()
    this.#count = 0
    for (const { key, one } of all.slice(0, this.#most)) this.#put(key, one)
  }

  /** What was kept of a key by another. */
  restore(key: number, kept: readonly Kept[]): void {
    for (const one of kept) this.#put(key, one)
  }

  #put(key: number, one: Kept): void {
    const kept = this.#byKey.get(key)
    if (kept === undefined) this.#byKey.set(key, [one])
    else kept.push(one)
    this.#count++
  }
}

/** By all there is of a connect: two that are equal are the same to whoever reads. */
function compare(a: Kept, b: Kept): number {
  return (
    b.latencyUs - a.latencyUs ||
    a.timeUs - b.timeUs ||
    byText(a.eventId, b.eventId) ||
    byText(a.host, b.host) ||
    a.pid - b.pid ||
    byText(a.comm, b.comm) ||
    byText(a.destination, b.destination) ||
    byText(a.outcome, b.outcome) ||
    byText(a.cause, b.cause)
  )
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export function exampleOf(kept: Kept): AlertExample {
  const { timeUs, eventId, latencyUs, outcome, cause, host, comm, pid, destination } = kept
  return {
    time: timeOfUs(timeUs),
    ...(eventId !== '' && { event_id: eventId }),
    ...(host !== '' && { host }),
    ...(pid !== 0 && { pid }),
    ...(comm !== '' && { comm }),
    destination,
    ...(latencyUs >= 0 && { latency_us: latencyUs }),
    outcome,
    cause,
  }
}
