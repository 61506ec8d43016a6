/** Why an event did not arrive. */
export type DropReason =
  /** As many things as the kernel's map holds were being followed. */
  | 'map_full'
  /** The end of something that was followed was never seen. */
  | 'end_missed'
  /** It was counted in the kernel, and its count was pushed out before it was read. */
  | 'evicted'
  /** The buffer between kernel and user space had no room. */
  | 'buffer_full'
  /** A record could not be read. */
  | 'malformed'
  /** The output was closed, or did not take it before the end. */
  | 'output'

/**
 * The account of a run: `produced = delivered + filtered + sampledOut + Σ dropped + inFlight`, at any moment.
 */
export interface Balance {
  /** What happened in the kernel that the tool is there to tell. */
  readonly produced: number
  /** Told. */
  readonly delivered: number
  /** Of these, those that were told in summaries; absent where each is told by itself. */
  readonly summarised?: number
  /** Left out because a filter said so. */
  readonly filtered: number
  /** Left out because only one of so many was asked for. */
  readonly sampledOut: number
  /** Begun and not ended, or on their way to be told. */
  readonly inFlight: number
  /** Lost, by reason; reasons with nothing lost are left out. */
  readonly dropped: ReadonlyMap<DropReason, number>
  /** Told, but with a text that was cut. */
  readonly truncated: number
  /** Times that the kernel did not run a program, because one was running on that CPU: what it would have seen is not known. */
  readonly missedRuns: number
}

/** The account of a tool of which nothing can be told: another hivetap attached it, and keeps it otherwise. */
export const NOTHING_KNOWN: Balance = {
  produced: 0,
  delivered: 0,
  filtered: 0,
  sampledOut: 0,
  inFlight: 0,
  dropped: new Map(),
  truncated: 0,
  missedRuns: 0,
}

const PLAIN: Readonly<Record<DropReason, string>> = {
  map_full: 'too many at once',
  end_missed: 'their end was not seen',
  evicted: 'counted, but the count was not read',
  buffer_full: 'no room in the buffer',
  malformed: 'not readable',
  output: 'not written',
}

/** All reasons there are. */
export const DROP_REASONS = Object.keys(PLAIN) as readonly DropReason[]

/** The sum of all that was lost. */
export function totalDropped(balance: Balance): number {
  return [...balance.dropped.values()].reduce((sum, count) => sum + count, 0)
}

/** Whether something was lost that a reader must know of. */
export function hasLosses(balance: Balance): boolean {
  return totalDropped(balance) > 0 || balance.missedRuns > 0
}

/** The account in a line, for people. */
export function describeBalance(balance: Balance, what: string): string {
  const { produced, delivered, filtered, sampledOut, inFlight, truncated, missedRuns, summarised } = balance
  const reasons = [...balance.dropped].map(([reason, count]) => `${count} ${PLAIN[reason]} (${reason})`)
  const told =
    summarised === undefined ? `${delivered} told` : `${delivered} told (${summarised} in summaries)`
  const parts = [
    told,
    `${filtered} left out by filters`,
    ...(sampledOut === 0 ? [] : [`${sampledOut} left out by sampling`]),
    `${inFlight} under way`,
    `${totalDropped(balance)} lost${reasons.length === 0 ? '' : `: ${reasons.join(', ')}`}`,
  ]
  const notes = [
    ...(truncated === 0 ? [] : [`${truncated} told with a text that was cut (truncated)`]),
    ...(missedRuns === 0
      ? []
      : [`${missedRuns} not seen, since the kernel does not run a program within itself (missed_runs)`]),
  ]
  return [`${produced} ${what}: ${parts.join(', ')}`, ...notes].join('; ')
}

/** The account for programs: names as they are on the wire. */
export function balanceRecord(balance: Balance): Readonly<Record<string, unknown>> {
  return {
    produced: balance.produced,
    delivered: balance.delivered,
    ...(balance.summarised !== undefined && { summarised: balance.summarised }),
    filtered: balance.filtered,
    sampled_out: balance.sampledOut,
    in_flight: balance.inFlight,
    dropped: Object.fromEntries(balance.dropped),
    truncated: balance.truncated,
    missed_runs: balance.missedRuns,
  }
}
