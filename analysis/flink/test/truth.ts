/** A connect as whoever made it up knows it. */
export interface TrueConnect {
  readonly timeMs: number
  readonly source: string
  readonly destination: string
  /** Of those that were connected. */
  readonly latencyUs: number | undefined
  readonly failed: boolean
  /** For how many it stands. */
  readonly weight: number
}

/** From when to when something of a host is missing, and how many events are known to be. */
export interface TrueGap {
  readonly host: string
  readonly fromMs: number
  readonly toMs: number
  readonly lost: number
}

/** What is true of a fleet: taken from how it was made, and read from no record. */
export interface FleetTruth {
  /** Those that arrive, once each. */
  readonly connects: readonly TrueConnect[]
  /** Records that arrive a second time. */
  readonly copies: number
  readonly hosts: number
  /** From when to when all hosts run, and say so. */
  readonly fromMs: number
  readonly toMs: number
  readonly gaps: readonly TrueGap[]
}

/** What is true of a window, of a source and a destination. */
export interface TrueWindow {
  readonly startMs: number
  readonly source: string
  readonly destination: string
  readonly connects: number
  readonly failures: number
  /** In order, each as often as it stands for. */
  readonly latenciesUs: readonly number[]
}

const MINUTE_MS = 60_000
const WINDOW_MINUTES = 5

/** All windows of five minutes, one each minute, that have a connect. */
export function trueWindows(connects: readonly TrueConnect[]): readonly TrueWindow[] {
  const byKey = new Map<string, { row: Omit<TrueWindow, 'connects' | 'failures'>; all: TrueConnect[] }>()
  for (const one of connects) {
    const { timeMs, source, destination } = one
    for (let back = 0; back < WINDOW_MINUTES; back++) {
      const startMs = (Math.floor(timeMs / MINUTE_MS) - back) * MINUTE_MS
      const key = JSON.stringify([startMs, source, destination])
      const known = byKey.get(key)
      if (known !== undefined) known.all.push(one)
      else byKey.set(key, { row: { startMs, source, destination, latenciesUs: [] }, all: [one] })
    }
  }
  return [...byKey.values()].map(({ row, all }) => ({
    ...row,
    connects: all.reduce((sum, { weight }) => sum + weight, 0),
    failures: all.reduce((sum, { failed, weight }) => sum + (failed ? weight : 0), 0),
    latenciesUs: all
      .flatMap(({ latencyUs, weight }) => (latencyUs === undefined ? [] : Array(weight).fill(latencyUs)))
      .sort((a, b) => a - b),
  }))
}

/** What a window lacks, for those in which all hosts ran from the beginning to the end; `undefined` for others. */
export function trueCompleteness(
  { fromMs, toMs, gaps, hosts }: FleetTruth,
  startMs: number,
): { readonly hosts: number; readonly hostsNotWhole: number; readonly lost: number } | undefined {
  const endMs = startMs + WINDOW_MINUTES * MINUTE_MS
  if (startMs < fromMs || endMs > toMs) return undefined
  const touching = gaps.filter((gap) => gap.toMs >= startMs && gap.fromMs < endMs)
  return {
    hosts,
    hostsNotWhole: new Set(touching.map(({ host }) => host)).size,
    lost: touching.reduce((sum, { lost }) => sum + lost, 0),
  }
}

/** Between two values in a straight line; `undefined` of none. @param sorted in order */
export function percentileOf(sorted: readonly number[], share: number): number | undefined {
  const [low, high] = neighboursOf(sorted, share)
  if (low === undefined || high === undefined) return undefined
  const at = share * (sorted.length - 1)
  return low + (high - low) * (at - Math.floor(at))
}

/** The two values that a percentile lies between: the same one where it is one. */
export function neighboursOf(
  sorted: readonly number[],
  share: number,
): readonly [number | undefined, number | undefined] {
  const at = share * (sorted.length - 1)
  return [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
}
