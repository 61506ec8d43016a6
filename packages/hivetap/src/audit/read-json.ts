import { parseJsonObject } from '../stream/json-object.js'
import { type AuditRecord, unreadable } from './audit-record.js'
import { contentHash } from './content-hash.js'
import { isSequence, parseEventId } from './event-id.js'
import { readEpochState, readLedger, readLoss } from './read-account.js'

/** A host name has 64 characters at most on Linux (sethostname(2)); escaped, six times that. */
export const MOST_HOST = 384

/** Reads any record, by reading all of its JSON. */
export function readJson(bytes: Buffer): AuditRecord {
  const json = parseJsonObject(bytes)
  if (json === undefined) return unreadable('not_json')
  if (json['version'] !== 1) return unreadable('version')
  const { event_id: id, time, host, record } = json
  if (typeof id !== 'string') return unreadable('event_id')
  const timeMs = typeof time === 'string' && /^\d{4}-\d\d-\d\dT/.test(time) ? Date.parse(time) : Number.NaN
  if (Number.isNaN(timeMs)) return unreadable('time')
  if (typeof host !== 'string' || host === '' || host.length > MOST_HOST) return unreadable('host')
  if (record === 'loss') return readLoss(json, id, { timeMs, host })
  const name = parseEventId(id)
  if (name === undefined) return unreadable('event_id')
  const numbered = { ...name, timeMs, host, hash: contentHash(bytes) }
  switch (record) {
    case undefined:
      return { kind: 'event', ...numbered }
    case 'ledger': {
      const ledger = readLedger(json)
      return ledger === undefined ? unreadable('account') : { kind: 'ledger', ...numbered, ledger }
    }
    case 'epoch': {
      const state = readEpochState(json)
      return state === undefined ? unreadable('account') : { kind: 'epoch', ...numbered, state }
    }
    case 'summary': {
      const { events } = json
      if (!isSequence(events) || events < 1) return unreadable('account')
      return { kind: 'summary', ...numbered, summarised: events }
    }
    // A kind of a later version: it has its sequence, and is no event.
    default:
      return { kind: 'other', ...numbered }
  }
}
