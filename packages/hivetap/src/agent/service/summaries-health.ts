import type { SummariesState } from '../agent.js'

/** From this share of late on, that keys have no room is told: it is not a few any more whose connects it hides. */
const SHARE_TOLD = 0.03

/** What `state.summaries` of an account of health is. */
export interface SummariesHealth {
  /** Connects that were summed up in this epoch. */
  readonly events: number
  /** Of these, those under `other`. */
  readonly other: number
  /** Their share in the latest windows, from 0 to 1. */
  readonly other_share: number
  readonly keys: number
  readonly max_keys: number
}

export function wireSummaries({
  events,
  other,
  recentShare,
  keys,
  maxKeys,
}: SummariesState): SummariesHealth {
  return { events, other, other_share: Math.round(recentShare * 1e4) / 1e4, keys, max_keys: maxKeys }
}

/** What is wrong with summaries: nothing is lost, but of too many connects it is not told whose they are. */
export function summariesReasons(state: SummariesState | undefined): readonly string[] {
  if (state === undefined || state.recentShare < SHARE_TOLD) return []
  const percent = (state.recentShare * 100).toFixed(0)
  return [
    `${percent} % of the connects that are summed up have no key of their own and stand under other: summaries.max_keys (${state.maxKeys}) is too low`,
  ]
}

/**
 * How many stand under `other`, for people.
 *
 * @param state of an account of health; one of an agent that knows of no such thing, or makes no summaries, says nothing of it
 */
export function otherText(state: unknown): readonly string[] {
  const { summaries } = (state ?? {}) as { summaries?: Partial<SummariesHealth> | null }
  const { events, other } = summaries ?? {}
  if (typeof events !== 'number' || typeof other !== 'number' || other === 0) return []
  return [`${other} of ${events} connects summed up stand under other`]
}
