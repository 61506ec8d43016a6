/** What a record is: an event, an account of events, or many events told together. */
export const RECORD_KINDS = ['event', 'ledger', 'summary'] as const
export type RecordKind = (typeof RECORD_KINDS)[number]

/** A record on its way out: the line that every destination tells, as it stands on the wire. */
export interface SpoolRecord {
  readonly kind: RecordKind
  /** Name of the tool that it came from; empty for a record of the agent's own. */
  readonly tool: string
  /** When it happened: milliseconds since 1970, UTC. */
  readonly timeMs: number
  /** The record as JSON (the envelope of docs/events.md), UTF-8, without a newline. */
  readonly value: Uint8Array
}

/** Records that were accepted together. Their sequences follow on each other without a hole, from `firstSequence`. */
export interface SpoolBatch {
  /** The run of the agent that they came from: a UUID. */
  readonly epoch: string
  readonly firstSequence: number
  readonly records: readonly SpoolRecord[]
  /** How far the kernel's ring buffer had been read behind them; absent where there is none that outlives a run. */
  readonly position?: bigint
}

/**
 * Why records that had a sequence never reach a destination.
 *
 * - `spool_full`: at its bound the spool gave them up, as its policy says
 * - `spool_age`: they were older than the spool keeps
 * - `spool_damaged`: what stands on disk is not what was written, or cannot be read back
 * - `spool_failed`: they could not be written
 * - `too_large`, `refused`: the destination does not take them, now or later
 */
export const LOSS_REASONS = [
  'spool_full',
  'spool_age',
  'spool_damaged',
  'spool_failed',
  'too_large',
  'refused',
] as const
export type LossReason = (typeof LOSS_REASONS)[number]

/** Records that are lost for whoever reads: those of an epoch from one sequence to another, both included. */
export interface Loss {
  readonly epoch: string
  readonly reason: LossReason
  readonly firstSequence: number
  readonly lastSequence: number
}

/** What a reader finds next: a batch, or the place where one was. */
export type SpoolEntry =
  | { readonly kind: 'batch'; readonly batch: SpoolBatch }
  | { readonly kind: 'loss'; readonly loss: Loss }

/** What the spool does with a batch that it has no room for. */
export const SPOOL_POLICIES = ['drop_oldest', 'drop_newest', 'block'] as const
export type SpoolPolicy = (typeof SPOOL_POLICIES)[number]

/** What a spool counts, since it was opened. */
export interface SpoolCounters {
  readonly batches: number
  readonly records: number
  readonly bytes: number
  /** What it holds now: bytes that some reader has not acknowledged. */
  readonly heldBytes: number
  /** Records given up, by reason. A record that two readers lose is lost twice. */
  readonly lost: ReadonlyMap<LossReason, number>
}

/** Where the spool ended when it was opened: what a run before this one had accepted last. */
export interface SpoolEnd {
  readonly epoch: string
  /** The sequence behind the last that was accepted. */
  readonly nextSequence: number
  readonly position?: bigint
}

/**
 * Batches between the kernel and the destinations, in the order in which they were accepted. One log, read by each
 * destination at a pace of its own; what all have acknowledged is removed.
 *
 * A loss is never silent: a reader that comes to a place where a batch was is told which sequences are gone, and why.
 */
export interface Spool {
  readonly end: SpoolEnd | undefined
  readonly counters: SpoolCounters
  /**
   * Accepts a batch: once this returns, a crash of this process does not lose it (a spool in memory says that it cannot
   * hold that). With the policy `block` it waits for room, until `signal` aborts.
   *
   * @returns whether it was accepted; if not, the loss is told to every reader before what comes next
   */
  append(batch: SpoolBatch, signal: AbortSignal): Promise<boolean>
  /** The reader of that name, from where it was last acknowledged. One at a time of a name. */
  reader(name: string): SpoolReader
  /** Holds what is there, and what comes, for one more reader; for one that there is, it changes nothing. */
  addReader(name: string): void
  /** Holds nothing any more for a reader, which is closed. */
  forgetReader(name: string): void
  /** Writes what is not written, and lets go of the files. */
  close(): Promise<void>
}

/** A destination's place in the spool. */
export interface SpoolReader {
  /** Bytes that it has not read yet. */
  readonly backlogBytes: number
  /**
   * The next entry, waiting for one. Several may be read before the first is acknowledged.
   *
   * @returns `undefined` once `signal` aborts, or the spool is closed
   */
  next(signal: AbortSignal): Promise<SpoolEntry | undefined>
  /** The entry and all before it have reached the destination: they are not read again, also not by a later run. */
  acknowledge(entry: SpoolEntry): void
  /** Lets go of its place without giving it up: the next reader of that name goes on from what was acknowledged. */
  close(): void
}
