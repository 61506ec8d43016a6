import { CAUSES, type Cause } from '../../probes/connects/cause.js'
import { type Observation, OUTCOMES, type Outcome } from '../observation.js'
import type { SavedBad } from '../state/saved.js'
import { Worst } from './worst.js'

/** What is known of the bad connects of a key in a window. Made only once there is one: nearly all keys have none. */
export class BadConnects {
  count: number
  longestUs: number
  readonly outcomes: Map<Outcome, number>
  readonly causes: Map<Cause, number>
  readonly worst: Worst

  /** @param saved what `save` gave, where a state is taken up */
  constructor(saved: SavedBad = { count: 0, longest_us: -1, outcomes: {}, causes: {}, worst: [] }) {
    this.count = saved.count
    this.longestUs = saved.longest_us
    this.outcomes = new Map(OUTCOMES.flatMap((outcome) => entry(outcome, saved.outcomes[outcome])))
    this.causes = new Map(CAUSES.flatMap((cause) => entry(cause, saved.causes[cause])))
    this.worst = new Worst(saved.worst)
  }

  save(): SavedBad {
    return {
      count: this.count,
      longest_us: this.longestUs,
      outcomes: Object.fromEntries(this.outcomes),
      causes: Object.fromEntries(this.causes),
      worst: this.worst.kept,
    }
  }

  take(observation: Observation): void {
    const { weight, outcome, cause, latencyUs } = observation
    this.count += weight
    if (latencyUs > this.longestUs) this.longestUs = latencyUs
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + weight)
    this.causes.set(cause, (this.causes.get(cause) ?? 0) + weight)
    this.worst.take(observation)
  }
}

function entry<K>(name: K, count: number | undefined): readonly (readonly [K, number])[] {
  return count === undefined ? [] : [[name, count]]
}

/** In the order of the list, whatever order they came in. */
export function sharesOf(causes: ReadonlyMap<Cause, number>): Readonly<Partial<Record<Cause, number>>> {
  const known = CAUSES.filter((cause) => cause !== 'unknown' && (causes.get(cause) ?? 0) > 0)
  const sum = known.reduce((all, cause) => all + (causes.get(cause) ?? 0), 0)
  return Object.fromEntries(known.map((cause) => [cause, rounded((causes.get(cause) ?? 0) / sum)]))
}

export function outcomesOf(
  outcomes: ReadonlyMap<Outcome, number>,
): Readonly<Partial<Record<Outcome, number>>> {
  return Object.fromEntries(
    OUTCOMES.flatMap((outcome) => {
      const count = outcomes.get(outcome)
      return count === undefined ? [] : [[outcome, count]]
    }),
  )
}

/** The cause of more than half of all, those with none that is known among them; a guess would be worse than none. */
export function likelyCause(causes: ReadonlyMap<Cause, number>): Cause {
  const sum = [...causes.values()].reduce((all, count) => all + count, 0)
  for (const cause of CAUSES) if (cause !== 'unknown' && (causes.get(cause) ?? 0) * 2 > sum) return cause
  return 'unknown'
}

/** Four digits: as many as anybody reads, and the same whatever the sum was made of. */
export function rounded(ratio: number): number {
  return Math.round(ratio * 10_000) / 10_000
}
