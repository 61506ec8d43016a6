import type { Heard } from './watch-clock.js'

/**
 * How far a time that an object has from the API server may be from this host's clock, milliseconds: times are cut to the
 * second, and clocks differ.
 */
export const CLOCKS_MS = 5000

/** What an object says of itself, by the API server's clock. */
export interface ObjectTimes {
  /** It was not there before, and so held nothing. */
  readonly createdMs?: number
  /** Since then it is as it is. */
  readonly writtenMs?: number
}

/** How a tenure begins: what of {@link Tenure} is known when it is first heard of. */
export interface Beginning {
  readonly earliest: number
  readonly from: number
}

/** The times of what an object is heard to hold for the first time. */
export function beginning(heard: Heard, { createdMs, writtenMs }: ObjectTimes): Beginning {
  const made = createdMs === undefined ? Number.NEGATIVE_INFINITY : createdMs - CLOCKS_MS
  const sure = writtenMs === undefined ? Number.POSITIVE_INFINITY : writtenMs + CLOCKS_MS
  const earliest = Math.max(heard.since, made)
  return {
    earliest,
    // What says that it was so before it can have been so is of a clock that is not to be believed.
    from: Math.max(earliest, Math.min(heard.at, sure)),
  }
}
