import type { SummariesConfig } from '../agent/agent.js'

/** What a simulated fleet is made of, and what goes wrong in it. */
export interface FleetOptions {
  readonly seed: number
  readonly nodes: number
  /** Runs of the agent on each node, one after the other. */
  readonly epochs: number
  /** Events of a run, about. */
  readonly events: number
  /** How long a run takes; it gives its account each minute. */
  readonly minutes: number
  /** When the first runs begin, milliseconds since 1970. */
  readonly startMs: number
  /** Sink that declares losses. */
  readonly sink: string
  /** How many addresses are connected to; 0: as many as there are. */
  readonly destinations: number
  /** Which connects are told in summaries; none, without. The connects themselves are the same with and without. */
  readonly summaries?: SummariesConfig | undefined
  /** Part of the batches that are sent again. */
  readonly duplicates: number
  /** Part of the batches of which some events are lost, and nobody says so. */
  readonly holes: number
  /** Part of the batches of which some events are lost, and declared. */
  readonly declaredLosses: number
  /** Part of the batches that are overtaken by later ones. */
  readonly reorder: number
  /** Part of the runs that are killed; the next run on the node says so. */
  readonly cut: number
}

export const FLEET_DEFAULTS: FleetOptions = {
  seed: 1,
  nodes: 3,
  epochs: 2,
  events: 1000,
  minutes: 10,
  startMs: Date.parse('2026-01-01T00:00:00Z'),
  sink: 'kafka',
  destinations: 0,
  duplicates: 0,
  holes: 0,
  declaredLosses: 0,
  reorder: 0,
  cut: 0,
}

/** Records that are sent together. */
export interface SimulatedBatch {
  readonly node: string
  readonly timeMs: number
  /** JSON, each with its newline. */
  readonly lines: readonly string[]
}

/** What of a simulated epoch was told in summaries, up to its last account. */
export interface SummariesTruth {
  readonly summaries: number
  /** Events in them. */
  readonly summarised: number
  /** Of these, those in summaries that were sent. */
  readonly received: number
}

/** What a simulated epoch was, as whoever made it up knows. */
export interface EpochTruth {
  readonly node: string
  readonly epoch: string
  readonly state: 'ended' | 'cut'
  /** Sequences used up, with those of accounts. */
  readonly produced: number
  /** Of these, those that were sent, once each. */
  readonly received: number
  /** Of these, events that were told by themselves. */
  readonly events: number
  /** Events that happened, whether they were told or not. */
  readonly made: number
  /** Absent where each event is told by itself. */
  readonly summaries?: SummariesTruth
  readonly duplicates: number
  /** Declared lost, and not sent, by reason. */
  readonly lost: Readonly<Record<string, number>>
  /** Neither sent nor declared. */
  readonly missing: number
  /** Of each tool, the last account's numbers. */
  readonly tools: Readonly<Record<string, { readonly produced: number; readonly delivered: number }>>
}
