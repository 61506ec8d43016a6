import type { Cause } from '../../probes/connects/cause.js'
import type { AlertExample } from '../alert.js'
import { type EventName, idOf } from '../event-id.js'
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

/** The same as it stands here: its id is made once it is asked for, and of many it never is. */
type Held = EventName & { -readonly [Field in Exclude<keyof Kept, 'eventId'>]: Kept[Field] }

/** The three of each key that took longest, worst first. Which they are does not depend on the order in which connects come. */
export class Worst {
  readonly #byKey = new Map<number, Held[]>()
  readonly #most: number
  #count = 0
  /** Connects that were not kept, since those of other keys are worse. */
  crowdedOut = 0

  constructor(most = MOST) {
    this.#most = most
  }

  take(key: number, observation: Observation): void {
    const held = this.#byKey.get(key)
    if (held === undefined) {
      this.#byKey.set(key, [fill({} as Held, observation)])
      this.#counted()
      return
    }
    const last = held[MOST_OF_KEY - 1]
    if (last === undefined) {
      held.push(fill({} as Held, observation))
      moveUp(held)
      this.#counted()
      return
    }
    // Most are not among the worst. One that is takes the place of the last, and nothing new is made.
    if (observation.latencyUs < last.latencyUs || compare(observation, last) >= 0) return
    fill(last, observation)
    moveUp(held)
  }

  of(key: number): readonly Kept[] {
    return this.#byKey.get(key)?.map(keptOf) ?? []
  }

  /** All that is to be counted has come: leaves as many as there may be, and the same ones whatever the order was. */
  settle(): void {
    if (this.#count <= this.#most) return
    const all = [...this.#byKey].flatMap(([key, held]) => held.map((one) => ({ key, one })))
    all.sort((a, b) => compare(a.one, b.one))
    this.crowdedOut += all.length - this.#most
    this.#byKey.clear()
    this.#count = 0
    for (const { key, one } of all.slice(0, this.#most)) this.#put(key, one)
  }

  /** What was kept of a key by another. */
  restore(key: number, kept: readonly Kept[]): void {
    for (const one of kept) this.#put(key, { ...one, epoch: '', sequence: -1 })
  }

  #put(key: number, one: Held): void {
    const held = this.#byKey.get(key)
    if (held === undefined) this.#byKey.set(key, [one])
    else held.push(one)
    this.#count++
  }

  #counted(): void {
    this.#count++
    // Now and then, since to find the worst of all takes long.
    if (this.#count >= this.#most * 2) this.settle()
  }
}

function fill(held: Held, observation: Observation): Held {
  held.timeUs = observation.timeUs
  held.eventId = observation.eventId
  held.epoch = observation.epoch
  held.sequence = observation.sequence
  held.latencyUs = observation.latencyUs
  held.outcome = observation.outcome
  held.cause = observation.cause
  held.host = observation.host
  held.comm = observation.comm
  held.pid = observation.pid
  held.destination = observation.destination
  return held
}

/** The last of a list that is in order goes where it belongs. */
function moveUp(held: Held[]): void {
  const one = held[held.length - 1] as Held
  let at = held.length - 1
  for (let before = held[at - 1]; before !== undefined && compare(one, before) < 0; before = held[at - 1])
    held[at--] = before
  held[at] = one
}

function keptOf(held: Held): Kept {
  const { timeUs, latencyUs, outcome, cause, host, comm, pid, destination } = held
  return { timeUs, eventId: idOf(held), latencyUs, outcome, cause, host, comm, pid, destination }
}

/** By all there is of a connect: two that are equal are the same to whoever reads. */
function compare(a: Held, b: Held): number {
  return (
    b.latencyUs - a.latencyUs ||
    a.timeUs - b.timeUs ||
    byText(idOf(a), idOf(b)) ||
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
