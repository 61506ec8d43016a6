import type { Cause } from '../../../probes/connects/cause.js'
import type { EventName } from '../../event-id.js'
import type { Outcome } from '../../observation.js'

/** What is read of an event of hivetap's JSON, before it is known whether it is a connect. Filled anew for each line. */
export interface EventFields extends EventName {
  /** -1 if there is none: an event without its envelope. */
  version: number
  /** A record beside the events: ledger, epoch, loss, alert. */
  isRecord: boolean
  /** A record that stands for many connects: it is read by itself. */
  isSummary: boolean
  /** Of counts, which stand for many connects: `tcpconnect -c`. */
  isCount: boolean
  /** Whether another tool's event of the same connect is the one that counts. */
  isTwin: boolean
  /** `undefined` if there is none. */
  tool: string | undefined
  /** Microseconds since 1970; -1 if there is none. */
  timeUs: number
  host: string
  sample: number
  pid: number
  latencyUs: number
  comm: string
  outcome: Outcome
  cause: Cause
  /** Address and port as an observation has them; empty if there is no address. */
  destination: string
  /** The workload that connects, and the Service that it connects to; empty where the event does not name them. */
  workload: string
  workloadNamespace: string
  service: string
  serviceNamespace: string
}

/** Characters of a text at most. Longer than any that a tool tells: a host's name has 64, a COMM 16. */
export const MOST_TEXT = 256

export function emptyFields(): EventFields {
  return clearFields({} as EventFields)
}

export function clearFields(fields: EventFields): EventFields {
  fields.version = -1
  fields.isRecord = false
  fields.isSummary = false
  fields.isCount = false
  fields.isTwin = false
  fields.tool = undefined
  fields.eventId = ''
  fields.epoch = ''
  fields.sequence = -1
  fields.timeUs = -1
  fields.host = ''
  fields.sample = 1
  fields.pid = 0
  fields.latencyUs = -1
  fields.comm = ''
  fields.outcome = 'unknown'
  fields.cause = 'unknown'
  fields.destination = ''
  fields.workload = ''
  fields.workloadNamespace = ''
  fields.service = ''
  fields.serviceNamespace = ''
  return fields
}
