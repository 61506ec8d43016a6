import type { Loss, SpoolBatch } from '../spool/spool.js'
import { ownRecord, timeOfMs } from '../stream/own-record.js'
import type { LossRecord } from './records.js'

/** What a record of a loss says besides the loss. */
export interface LossRecordContext {
  /** The destination that declares it. */
  readonly sink: string
  readonly node: string
  /** Milliseconds since 1970, UTC. */
  readonly nowMs: number
}

/**
 * A batch of one record that declares a loss, to be delivered where the lost records would have been. It stands in their
 * place: its sequences are theirs, and it uses none of its own.
 */
export function lossBatch(loss: Loss, { sink, node, nowMs }: LossRecordContext): SpoolBatch {
  const { epoch, reason, firstSequence, lastSequence } = loss
  const record: LossRecord = {
    record: 'loss',
    sink,
    epoch,
    reason,
    count: lastSequence - firstSequence + 1,
    first_sequence: firstSequence,
    last_sequence: lastSequence,
  }
  const eventId = `${epoch}-loss-${sink}-${firstSequence}-${lastSequence}`
  const value = Buffer.from(ownRecord({ eventId, time: timeOfMs(nowMs), host: node }, { ...record }))
  return { epoch, firstSequence, records: [{ kind: 'ledger', tool: '', timeMs: nowMs, value }] }
}
