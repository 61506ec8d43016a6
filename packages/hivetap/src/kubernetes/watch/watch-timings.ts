/** How long things are waited for, milliseconds. */
export interface WatchTimings {
  /** Before what failed is tried again: at first, and at most. */
  readonly backoffFirstMs: number
  readonly backoffMostMs: number
  /** A watch that stood for so long is well: what fails then is a first failure. */
  readonly healthyMs: number
  /** A watch that the server ends sooner is a failure: it would be begun again and again. */
  readonly shortMs: number
  /**
   * A server that says nothing for so long is not waited for: it sends a bookmark about every minute. TCP would not tell of
   * one that hangs, nor of a path that was dropped without a word before its keepalive gave up.
   */
  readonly idleMs: number
  /** How long a watch is to last: between this and twice this, so that not all end at once. */
  readonly watchMs: number
  /** Between two pieces of a list, and for a page. */
  readonly listIdleMs: number
  readonly pageMs: number
}

export const TIMINGS: WatchTimings = {
  backoffFirstMs: 800,
  backoffMostMs: 30_000,
  healthyMs: 30_000,
  shortMs: 1_000,
  idleMs: 180_000,
  watchMs: 300_000,
  listIdleMs: 30_000,
  pageMs: 300_000,
}
