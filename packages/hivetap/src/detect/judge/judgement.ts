import type { Cause } from '../../probes/connects/cause.js'
import type { Verdict } from '../baseline/verdict.js'
import type { Outcome } from '../observation.js'
import type { Kept } from '../windows/worst.js'

/** What a rule found of a key in a window, and what it held it against. */
export interface Judgement {
  readonly verdict: Verdict
  /** Why, for `--explain`. */
  readonly why: string
  readonly connects: number
  readonly bad: number
  /** In the unit of the rule: microseconds, or a ratio. */
  readonly observed: number
  readonly threshold: number
  readonly usual?: number
}

/** What shows it. */
export interface Evidence {
  readonly outcomes: ReadonlyMap<Outcome, number>
  readonly causes: ReadonlyMap<Cause, number>
  readonly worst: readonly Kept[]
}
