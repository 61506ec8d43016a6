import type { EpochState, LedgerAccount } from './audit-record.js'
import { Contradictions } from './contradictions.js'
import { DeclaredLosses } from './declared-losses.js'
import type { MemoryBound } from './memory-bound.js'
import { SequenceSet } from './sequence-set.js'
import { SettledUntil } from './settled-until.js'
import { SummarisedEvents } from './summarised-events.js'

/** Something that was said at a sequence of the epoch. */
export interface At<T> {
  readonly sequence: number
  readonly timeMs: number
  readonly said: T
}

/** All that is known of an epoch while records come. */
export class EpochBook {
  readonly epoch: string
  /** A number for it, from 1 on. */
  readonly index: number
  host: string | undefined
  /** Of what it told itself. */
  firstMs = Number.POSITIVE_INFINITY
  lastMs = Number.NEGATIVE_INFINITY
  /** Sequences that arrived. */
  readonly received: SequenceSet
  /** Of these, those of no event: accounts and summaries. */
  readonly others: SequenceSet
  readonly summarised: SummarisedEvents
  /** Records that arrived again. */
  duplicates = 0
  /** Of these, those whose content could not be held against the first. */
  uncompared = 0
  /** The least and greatest sequence that fall into the time that is audited. */
  least = Number.POSITIVE_INFINITY
  greatest = -1
  readonly settled: SettledUntil
  readonly losses: DeclaredLosses
  /** What it said last of itself. */
  state: At<EpochState> | undefined
  ended: At<EpochState> | undefined
  /** What the run after it said of it. */
  cut: { readonly sequences: number; readonly events: number; readonly timeMs: number } | undefined
  /** The last account of each tool. */
  readonly ledgers = new Map<string, At<LedgerAccount>>()
  readonly contradictions = new Contradictions()

  constructor(epoch: string, index: number, graceMs: number, bound: MemoryBound) {
    this.epoch = epoch
    this.index = index
    this.received = new SequenceSet(bound)
    this.others = new SequenceSet(bound)
    this.summarised = new SummarisedEvents(bound)
    this.settled = new SettledUntil(graceMs)
    this.losses = new DeclaredLosses(bound)
  }
}
