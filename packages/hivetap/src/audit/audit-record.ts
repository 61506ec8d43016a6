/** Why a record counts for nothing. */
export const UNREADABLE = [
  /** Not a JSON object in UTF-8. */
  'not_json',
  /** Longer than a record may be. */
  'too_long',
  /** An envelope of a version that is not known, or of none. */
  'version',
  /** No event_id as hivetap writes it, or one that does not fit what the record holds. */
  'event_id',
  /** No time, or none that can be read. */
  'time',
  /** No host. */
  'host',
  /** An account whose fields are not what they are to be. */
  'account',
  /** A message without a value. */
  'no_value',
  /** Said to be Protobuf, and none of hivetap's. */
  'not_protobuf',
  /** A message of a content type that is not known. */
  'content_type',
] as const
export type Unreadable = (typeof UNREADABLE)[number]

/** A record as the accountant takes it. */
export type AuditRecord = NumberedRecord | LossDeclared | UnreadableRecord

interface Told {
  /** Of an event: when it happened; of an account: when it was told. Milliseconds since 1970. */
  readonly timeMs: number
  /** The node. */
  readonly host: string
}

/** A record that uses up a sequence. */
export interface NumberedRecord extends Told {
  readonly kind: 'event' | 'summary' | 'ledger' | 'epoch' | 'other'
  readonly epoch: string
  readonly sequence: number
  /** A number for what it holds: contentHash. */
  readonly hash: number
  readonly ledger?: LedgerAccount
  readonly state?: EpochState
  /** Of a summary: for how many events it stands. */
  readonly summarised?: number
}

/** The account of a tool, cumulative. */
export interface LedgerAccount {
  readonly tool: string
  readonly ended: boolean
  readonly produced: number
  readonly delivered: number
  /** Of these, those in summaries. */
  readonly summarised: number
  readonly filtered: number
  readonly sampledOut: number
  readonly inFlight: number
  readonly dropped: ReadonlyMap<string, number>
  readonly missedRuns: number
}

/** What an epoch record says: of `cut`, of another epoch than its own. */
export interface EpochState {
  readonly state: 'started' | 'running' | 'ended' | 'cut'
  readonly of: string
  readonly sequences: number
  readonly events: number
  /** Of the sequences, summaries; 0 where none are told of. */
  readonly summaries: number
  /** Events that stand in them. */
  readonly summarised: number
}

/** Sequences that a sink declared lost. */
export interface LossDeclared extends Told {
  readonly kind: 'loss'
  readonly epoch: string
  readonly sink: string
  readonly reason: string
  readonly first: number
  readonly last: number
}

export interface UnreadableRecord {
  readonly kind: 'unreadable'
  readonly why: Unreadable
}

export function unreadable(why: Unreadable): UnreadableRecord {
  return { kind: 'unreadable', why }
}
