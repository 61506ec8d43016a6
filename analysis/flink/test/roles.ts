/** Who of the test's fleet does what, and how much of it. */
export const START = Date.parse('2026-11-20T00:00:00Z')
export const MINUTES = 14
/** Its clock is two hours fast. */
export const FAST_HOST = 'node-2'
export const FAST_BY_MS = 2 * 3_600_000
/** Its clock is slow. */
export const SLOW_HOST = 'node-6'
/** Its sink declares so many events lost. */
export const LOSING_HOST = 'node-3'
export const LOST = 40
/** Its kernel drops so many, behind so many accounts in which it did not. */
export const DROPPING_HOST = 'node-4'
export const DROPPED = 7
export const GOOD_ACCOUNTS = 9
/** Killed; its next run says so. */
export const CUT_HOST = 'node-5'
/** Of so many connects they tell one. */
export const SAMPLES: Readonly<Record<string, number>> = { 'node-1': 3, 'node-4': 20 }
/** Part of the batches that are sent again. */
export const DUPLICATES = 0.1
/** From when to when one place is slow. */
export const SLOW_FROM = START + 4 * 60_000
export const SLOW_TO = START + 8 * 60_000
