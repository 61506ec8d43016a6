import type { Cause } from '../../probes/connects/cause.js'
import type { Outcome } from '../observation.js'

/** How many connects of a summary ended in one way, for one cause, and how long they took. */
export interface SummaryCell {
  readonly outcome: Outcome
  readonly cause: Cause
  /** Those of which it is not known how long they took. */
  readonly untimed: number
  /** Bins of the sketch of the others, as `binOf` says them, the lowest first. */
  readonly bins: readonly number[]
  /** What each counts. */
  readonly counts: readonly number[]
}

/** A connect of a summary that is told by itself too. It is counted in its cell. */
export interface SummaryExample {
  /** When it ended: microseconds since the window began. */
  readonly offsetUs: number
  readonly pid: number
  /** Microseconds; -1 if it is not known. */
  readonly latencyUs: number
  readonly outcome: Outcome
  readonly cause: Cause
}

/** What an agent tells of many connects at once: those of one key that ended within a window. */
export interface ConnectSummary {
  /** Connects that it stands for, before their sample's weight: the sum of its cells. */
  readonly events: number
  readonly cells: readonly SummaryCell[]
  readonly examples: readonly SummaryExample[]
}

/** Connects of a cell. */
export function sizeOfCell({ untimed, counts }: Pick<SummaryCell, 'untimed' | 'counts'>): number {
  return counts.reduce((sum, count) => sum + count, untimed)
}

/** Examples of a summary at most. */
export const MOST_EXAMPLES = 3
/** What a key's dimensions are called where there was no room for a key of its own. */
export const OTHER_KEY = 'other'
