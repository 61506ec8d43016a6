import { CAUSES, type Cause } from '../../probes/connects/cause.js'
import { type Observation, OUTCOMES, type Outcome } from '../observation.js'
import type { SavedBad } from '../state/saved.js'

const OUTCOME_PLACE = new Map(OUTCOMES.map((outcome, index) => [outcome, index]))
const CAUSE_PLACE = new Map(CAUSES.map((cause, index) => [cause, index + OUTCOMES.length]))
const PLACES = OUTCOMES.length + CAUSES.length

/** What is known of the bad connects of a key in a window. Made only once there is one: nearly all keys have none. */
export class BadConnects {
  count = 0
  longestUs = -1
  /** By outcome, then by cause: maps would take ten times the memory where everything fails. */
  readonly #counts: number[] = new Array<number>(PLACES).fill(0)

  /** Takes up what `save` gave. */
  static restore({ count, longest_us: longestUs, outcomes, causes }: SavedBad): BadConnects {
    const bad = new BadConnects()
    bad.count = count
    bad.longestUs = longestUs
    for (const outcome of OUTCOMES) bad.#add(OUTCOME_PLACE.get(outcome), outcomes[outcome] ?? 0)
    for (const cause of CAUSES) bad.#add(CAUSE_PLACE.get(cause), causes[cause] ?? 0)
    return bad
  }

  take({ weight, outcome, cause, latencyUs }: Observation): void {
    this.count += weight
    if (latencyUs > this.longestUs) this.longestUs = latencyUs
    this.#add(OUTCOME_PLACE.get(outcome), weight)
    this.#add(CAUSE_PLACE.get(cause), weight)
  }

  get outcomes(): ReadonlyMap<Outcome, number> {
    return this.#named(OUTCOME_PLACE)
  }

  get causes(): ReadonlyMap<Cause, number> {
    return this.#named(CAUSE_PLACE)
  }

  save(): SavedBad {
    return {
      count: this.count,
      longest_us: this.longestUs,
      outcomes: Object.fromEntries(this.outcomes),
      causes: Object.fromEntries(this.causes),
    }
  }

  #add(place: number | undefined, weight: number): void {
    if (place !== undefined) this.#counts[place] = (this.#counts[place] ?? 0) + weight
  }

  #named<K>(places: ReadonlyMap<K, number>): ReadonlyMap<K, number> {
    return new Map(
      [...places].flatMap(([name, place]) => {
        const count = this.#counts[place] ?? 0
        return count === 0 ? [] : [[name, count] as const]
      }),
    )
  }
}
