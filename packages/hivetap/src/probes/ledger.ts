import type { Balance, DropReason } from './balance.js'

const COUNTS = [
  'attempts',
  'filtered',
  'sampledOut',
  'mapFull',
  'endMissed',
  'unwanted',
  'counted',
  'repeats',
  'events',
  'bufferFull',
  'truncated',
  'nameless',
  'pathless',
] as const

/** What a tool's programs counted on a CPU: struct ledger of ledger.h, which says what each is. */
export type Ledger = Readonly<Record<(typeof COUNTS)[number], number>>

/** All CPUs together. */
export function sumLedgers(cpus: readonly Ledger[]): Ledger {
  const total = (count: keyof Ledger) => cpus.reduce((sum, cpu) => sum + cpu[count], 0)
  return Object.fromEntries(COUNTS.map((count) => [count, total(count)])) as Ledger
}

/** What happened to events after the kernel had handed them over. */
export interface Received {
  /** Events read from the buffer. */
  readonly received: number
  /** Records that no event could be read from. */
  readonly malformed: number
  /** Events that were read, and left out by a filter that the kernel does not have. */
  readonly unwanted?: number
  /** Things told of, each by an event or in a count. */
  readonly delivered: number
  /** Of what was counted in the kernel, how much was read. */
  readonly taken?: number
  /** Whether the programs are detached and all that they said is read: then the account is closed. */
  readonly ended: boolean
}

/**
 * The account of a run, from what the programs counted and what came of it.
 *
 * As long as it goes on, what was handed over and has not come is under way. Once it has ended, it is what the buffer
 * refused: so that the sum is exact also where a perf buffer lost what it had taken.
 *
 * @param missedRuns that the kernel left out: `Program.statistics`
 */
export function balanceOf(ledger: Ledger, received: Received, missedRuns: number): Balance {
  const { malformed, unwanted = 0, delivered, taken = 0, ended } = received
  const dropped = new Map<DropReason, number>()
  const drop = (reason: DropReason, count: number) => {
    if (count > 0) dropped.set(reason, count)
    return Math.max(count, 0)
  }
  const produced = ledger.attempts + ledger.repeats
  const filtered = ledger.filtered + ledger.unwanted + unwanted
  let lost = drop('map_full', ledger.mapFull)
  lost += drop('end_missed', ledger.endMissed)
  lost += drop('malformed', malformed)
  if (ended) {
    lost += drop('buffer_full', ledger.events - received.received - malformed)
    lost += drop('evicted', ledger.counted - taken)
    lost += drop('output', received.received + taken - unwanted - delivered)
  } else lost += drop('buffer_full', ledger.bufferFull)
  return {
    produced,
    delivered,
    filtered,
    sampledOut: ledger.sampledOut,
    inFlight: produced - delivered - filtered - ledger.sampledOut - lost,
    dropped,
    truncated: ledger.truncated,
    missedRuns,
  }
}
