/** Why an event did not arrive. */
export type DropReason =
  /** As many things as the kernel's map holds were being followed. */
  | 'map_full'
  /** The end of something that was followed was never seen. */
  | 'end_missed'
  /** The buffer between kernel and user space had no room. */
  | 'buffer_full'
  /** A record could not be read. */
  | 'malformed'
  /** The output was closed, or did not take it before the end. */
  | 'output'

/**
 * The account of a run: `produced = delivered + filtered + Σ dropped + inFlight`, at any moment, exactly once the
 * programs are detached and the buffer is drained.
 */
export interface Balance {
  /** What happened in the kernel that the tool is there to tell. */
  readonly produced: number
  /** Told. */
  readonly delivered: number
  /** Left out because a filter said so. */
  readonly filtered: number
  /** Begun and not ended. */
  readonly inFlight: number
  /** Lost, by reason; reasons with nothing lost are left out. */
  readonly dropped: ReadonlyMap<DropReason, number>
  /** Times that the kernel did not run a program, because one was running on that CPU: what it would have seen is not known. */
  readonly missedRuns: number
}

const PLAIN: Readonly<Record<DropReason, string>> = {
  map_full: 'too many at once',
  end_missed: 'their end was not seen',
  buffer_full: 'no room in the buffer',
  malformed: 'not readable',
  output: 'not written',
}

/** The sum of all that was lost. */
export function totalDropped(balance: Balance): number {
  return [...balance.dropped.values()].reduce((sum, count) => sum + count, 0)
}

/** Whether something was lost that a reader must know of. */
export function hasLosses(balance: Balance): boolean {
  return totalDropped(balance) > 0 || balance.missedRuns > 0
}

/** The account in a line or two, for people. */
export function describeBalance(balance: Balance, what: string): string {
  const lost = totalDropped(balance)
  const reasons = [...balance.dropped].map(([reason, count]) => `${count} ${PLAIN[reason]} (${reason})`)
  const line =
    `${balance.produced} ${what}: ${balance.delivered} told, ${balance.filtered} left out by filters, ` +
    `${balance.inFlight} under way, ${lost} lost${reasons.length === 0 ? '' : `: ${reasons.join(', ')}`}`
  return balance.missedRuns === 0
    ? line
    : `${line}; ${balance.missedRuns} changes of state not seen by the kernel's own rule (missed_runs)`
}
