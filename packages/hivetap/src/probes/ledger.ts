import type { Balance, DropReason } from './balance.js'

/** What a tool's programs counted on a CPU: struct ledger of ledger.h, which says what each is. */
export interface Ledger {
  readonly attempts: number
  readonly filtered: number
  readonly mapFull: number
  readonly endMissed: number
  readonly unwanted: number
  readonly repeats: number
  readonly events: number
  readonly bufferFull: number
}

const NOTHING: Ledger = {
  attempts: 0,
  filtered: 0,
  mapFull: 0,
  endMissed: 0,
  unwanted: 0,
  repeats: 0,
  events: 0,
  bufferFull: 0,
}

/** All CPUs together. */
export function sumLedgers(cpus: readonly Ledger[]): Ledger {
  return cpus.reduce(
    (sum, cpu) => ({
      attempts: sum.attempts + cpu.attempts,
      filtered: sum.filtered + cpu.filtered,
      mapFull: sum.mapFull + cpu.mapFull,
      endMissed: sum.endMissed + cpu.endMissed,
      unwanted: sum.unwanted + cpu.unwanted,
      repeats: sum.repeats + cpu.repeats,
      events: sum.events + cpu.events,
      bufferFull: sum.bufferFull + cpu.bufferFull,
    }),
    NOTHING,
  )
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
