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

/** What a simulated epoch was, as whoever made it up knows. */
export interface EpochTruth {
  readonly node: string
  readonly epoch: string
  readonly state: 'ended' | 'cut'
  /** Sequences used up, with those of accounts. */
  readonly produced: number
  /** Of these, those that were sent, once each. */
  readonly received: number
  /** Of these, events. */
  readonly events: number
  readonly duplicates: number
  /** Declared lost, and not sent, by reason. */
  readonly lost: Readonly<Record<string, number>>
  /** Neither sent nor declared. */
  readonly missing: number
  /** Of each tool, the last account's numbers. */
  readonly tools: Readonly<Record<string, { readonly produced: number; readonly delivered: number }>>
}
