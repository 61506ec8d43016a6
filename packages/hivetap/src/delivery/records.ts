import type { LossReason } from '../spool/spool.js'

/**
 * The records beside events, told from them by `record`, on the same stream. All begin with the envelope: `version`,
 * `event_id`, `time`, `host`, `tool` (empty where it is of no tool).
 *
 * Every event, `summary`, `ledger` and `epoch` record uses up a sequence of its epoch, so that `event_id` is `EPOCH-SEQUENCE`; a
 * `loss` record uses none, since each destination has its own: its `event_id` is `EPOCH-loss-DESTINATION-FIRST-LAST`.
 */
export interface LossRecord {
  readonly record: 'loss'
  /** The destination that they do not reach. */
  readonly sink: string
  readonly epoch: string
  readonly reason: LossReason
  readonly count: number
  /** The sequences, both included. */
  readonly first_sequence: number
  readonly last_sequence: number
}

/**
 * An epoch: a run of the agent, or several that go on with the same programs in the kernel.
 *
 * Told when it starts, each minute and when it ends, behind a `ledger` record of each tool. Of a run that ended without
 * its account (killed, without `--pin`) the next run on the same spool tells `cut`, in its own epoch: what it is told of
 * is `epoch`.
 */
export interface EpochRecord {
  readonly record: 'epoch'
  readonly state: 'started' | 'running' | 'ended' | 'cut'
  readonly epoch: string
  /** Sequences that were used up, with this record's own; of a `cut` epoch, those that the spool had accepted. */
  readonly sequences: number
  /** Of these, events; of a `cut` epoch that is not known. */
  readonly events?: number
  /** Of the sequences, summaries; only where connects are told in such. */
  readonly summaries?: number
  /** Events that stand in them. */
  readonly summarised?: number
}
