import { CAUSES, type Cause } from '../../probes/connects/cause.js'
import { OUTCOMES, type Outcome } from '../observation.js'

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
