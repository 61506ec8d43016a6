import type { Cause } from '../../probes/connects/cause.js'
import type { AlertExample } from '../alert.js'
import type { Observation, Outcome } from '../observation.js'
import { timeOfUs } from '../time/time-text.js'

const MOST = 3

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

/** The three that took longest, worst first. Which they are does not depend on the order in which connects come. */
export class Worst {
  readonly kept: Kept[]

  /** @param kept those of before, where a state is taken up */
  constructor(kept: readonly Kept[] = []) {
    this.kept = [...kept]
  }

  take(observation: Observation): void {
    const { kept } = this
    const last = kept[MOST - 1]
    if (last !== undefined && compare(observation, last) >= 0) return
    const { timeUs, eventId, latencyUs, outcome, cause, host, comm, pid, destination } = observation
    const one = { timeUs, eventId, latencyUs, outcome, cause, host, comm, pid, destination }
    const at = kept.findIndex((other) => compare(one, other) < 0)
    kept.splice(at < 0 ? kept.length : at, 0, one)
    kept.length = Math.min(kept.length, MOST)
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
