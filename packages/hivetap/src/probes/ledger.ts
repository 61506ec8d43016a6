import type { Balance, DropReason } from './balance.js'

const COUNTS = [
  'attempts',
  'filtered',
  'mapFull',
  'endMissed',
  'unwanted',
  'repeats',
  'events',
  'bufferFull',
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
  /** Events that were told. */
  readonly delivered: number
  /** Runs that the kernel left out: `Program.statistics`. */
  readonly missedRuns: number
}

/**
 * The account of a run, from what the programs counted and what came of it. What the buffer refused is what was handed over
 * and did not come: so that the sum is exact also where a perf buffer lost what it had taken.
 */
export function balanceOf(ledger: Ledger, { received, malformed, delivered, missedRuns }: Received): Balance {
  const dropped = new Map<DropReason, number>()
  const drop = (reason: DropReason, count: number) => {
    if (count > 0) dropped.set(reason, count)
  }
  drop('map_full', ledger.mapFull)
  drop('end_missed', ledger.endMissed)
  drop('malformed', malformed)
  drop('buffer_full', ledger.events - received - malformed)
  drop('output', received - delivered)
  const ended = ledger.unwanted + ledger.events - ledger.repeats
  return {
    produced: ledger.attempts + ledger.repeats,
    delivered,
    filtered: ledger.filtered + ledger.unwanted,
    inFlight: ledger.attempts - ledger.filtered - ledger.mapFull - ledger.endMissed - ended,
    dropped,
    missedRuns,
  }
}
