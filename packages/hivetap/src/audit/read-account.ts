import { isEpochId } from '../stream/epoch-id.js'
import type { JsonObject } from '../stream/json-object.js'
import {
  type EpochState,
  type LedgerAccount,
  type LossDeclared,
  type UnreadableRecord,
  unreadable,
} from './audit-record.js'
import { EPOCH_LENGTH, isSequence } from './event-id.js'

/** A name of a sink, a tool, a reason: longer ones nobody gives. */
const MOST_NAME = 128
/** Reasons in an account: there are a few. */
const MOST_REASONS = 64
const STATES: readonly unknown[] = ['started', 'running', 'ended', 'cut']

/** A `ledger` record: probes/balance.ts. */
export function readLedger(json: JsonObject): LedgerAccount | undefined {
  const { tool, ended, produced, delivered, filtered, sampled_out, in_flight, missed_runs } = json
  // Protobuf tells no map that has no entries.
  const { summarised = 0, dropped = {} } = json
  const reasons = readCounts(dropped)
  if (!isSequence(summarised)) return undefined
  if (!isName(tool) || typeof ended !== 'boolean' || reasons === undefined) return undefined
  if (!isSequence(produced) || !isSequence(delivered) || !isSequence(filtered)) return undefined
  if (!isSequence(sampled_out) || !isSequence(in_flight) || !isSequence(missed_runs)) return undefined
  return {
    tool,
    ended,
    produced,
    delivered,
    summarised,
    filtered,
    sampledOut: sampled_out,
    inFlight: in_flight,
    dropped: reasons,
    missedRuns: missed_runs,
  }
}

/** An `epoch` record: delivery/records.ts. */
export function readEpochState(json: JsonObject): EpochState | undefined {
  const { state, epoch, sequences, summaries = 0, summarised = 0 } = json
  if (!isSequence(summaries) || !isSequence(summarised)) return undefined
  // Of an epoch that was cut it is not known how many were events: nothing is said, or what was seen.
  const events = state === 'cut' ? (json['events'] ?? 0) : json['events']
  if (!STATES.includes(state) || !isEpochId(epoch) || !isSequence(sequences) || !isSequence(events))
    return undefined
  return { state: state as EpochState['state'], of: epoch, sequences, events, summaries, summarised }
}

/** A `loss` record: delivery/records.ts. Its event_id is made of what it holds. */
export function readLoss(
  json: JsonObject,
  id: string,
  told: { readonly timeMs: number; readonly host: string },
): LossDeclared | UnreadableRecord {
  const { sink, epoch, reason, count, first_sequence: first, last_sequence: last } = json
  if (!isName(sink) || !isName(reason) || !isEpochId(epoch)) return unreadable('account')
  if (!isSequence(first) || !isSequence(last) || first > last || count !== last - first + 1)
    return unreadable('account')
  if (!isEpochId(id.slice(0, EPOCH_LENGTH)) || id.slice(EPOCH_LENGTH) !== `-loss-${sink}-${first}-${last}`)
    return unreadable('event_id')
  return { kind: 'loss', ...told, epoch, sink, reason, first, last }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MOST_NAME
}

function readCounts(value: unknown): ReadonlyMap<string, number> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  if (entries.length > MOST_REASONS) return undefined
  const counts = new Map<string, number>()
  for (const [name, count] of entries) {
    if (!isName(name) || !isSequence(count)) return undefined
    counts.set(name, count)
  }
  return counts
}
