import { CAUSES, type Cause } from '../../probes/connects/cause.js'
import { OUTCOMES, type Outcome } from '../observation.js'

const outcomes: ReadonlyMap<string, Outcome> = new Map(OUTCOMES.map((name) => [name, name]))
const causes: ReadonlyMap<string, Cause> = new Map(CAUSES.map((name) => [name, name]))

/** An outcome by its name; `unknown` for a name that is none, as a later version may have it. */
export function outcomeOf(name: string): Outcome {
  return outcomes.get(name) ?? 'unknown'
}

/** A cause by its name; `unknown` for a name that is none. */
export function causeNamed(name: string): Cause {
  return causes.get(name) ?? 'unknown'
}
