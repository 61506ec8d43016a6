import { type JsonObject, parseJsonObject } from '../../../stream/json-object.js'
import { readTimeUs, TIME_LENGTH } from '../../../stream/record-time.js'
import { ipEnd, isAddress, isPort } from '../ip-end.js'
import { causeNamed, outcomeOf } from '../labels.js'
import { clearFields, type EventFields, MOST_TEXT } from './event-fields.js'
import { nameEvent } from './event-names.js'
import { isConnectTool } from './is-connect-tool.js'

const RFC_3339 = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/
/** Beyond, a number does not hold microseconds exactly: in the year 2255. */
const MOST_TIME_US = Number.MAX_SAFE_INTEGER
const MOST_PID = 2 ** 32 - 1
/** What must be a text, if it is there. */
const TEXTS = [
  'event_id',
  'counted_by',
  'host',
  'comm',
  'outcome',
  'cause',
  'k8s_workload',
  'k8s_namespace',
  'destination_service',
  'destination_service_namespace',
] as const

/**
 * Reads an event by reading all of its JSON.
 *
 * @returns why it cannot be read; `undefined` if it can. What is no connect is looked at no further.
 */
export function readEvent(bytes: Uint8Array, fields: EventFields): string | undefined {
  clearFields(fields)
  const json = parseJsonObject(bytes)
  if (json === undefined) return 'not_json'
  const { version, tool } = json
  if (version !== undefined) {
    if (version !== 1) return 'version'
    fields.version = 1
  }
  fields.isRecord = json['record'] !== undefined
  fields.isSummary = json['record'] === 'summary'
  if (fields.isRecord) return undefined
  if (tool !== undefined) {
    if (!isText(tool)) return 'tool'
    fields.tool = tool
    if (!isConnectTool(tool)) return undefined
  }
  fields.isCount = json['connects'] !== undefined
  if (fields.isCount || (tool === undefined && json['destination_address'] === undefined)) return undefined
  return readConnect(json, fields)
}

/** What a record says of whose connect it is, and of the connect. @returns why it cannot be read */
export function readConnect(json: JsonObject, fields: EventFields): string | undefined {
  for (const name of TEXTS) if (json[name] !== undefined && !isText(json[name])) return name
  const { time, pid, sample, latency_us: latency } = json
  if (time !== undefined) {
    fields.timeUs = typeof time === 'string' ? timeOf(time) : -1
    if (fields.timeUs < 0) return 'time'
  }
  if (!isNumber(pid, 0, MOST_PID) || !isNumber(sample, 1) || !isNumber(latency, 0)) return 'number'
  const { destination_address: address, destination_port: port } = json
  if (typeof address !== 'string' || !isAddress(address)) return 'destination'
  if (typeof port !== 'number' || !isPort(port)) return 'destination'
  nameEvent(fields, textOf(json['event_id']))
  fields.isTwin = textOf(json['counted_by']) !== ''
  fields.host = textOf(json['host'])
  fields.comm = textOf(json['comm'])
  fields.outcome = outcomeOf(textOf(json['outcome']))
  fields.cause = causeNamed(textOf(json['cause']))
  fields.pid = pid ?? 0
  fields.sample = sample ?? 1
  fields.latencyUs = latency ?? -1
  fields.destination = ipEnd(address, port)
  fields.workload = textOf(json['k8s_workload'])
  fields.workloadNamespace = textOf(json['k8s_namespace'])
  fields.service = textOf(json['destination_service'])
  fields.serviceNamespace = textOf(json['destination_service_namespace'])
  return undefined
}

/** A text that was checked; empty where there is none. */
function textOf(value: unknown): string {
  return (value as string | undefined) ?? ''
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_TEXT
}

/** Whether there is none, or an integer that is not below the least. */
function isNumber(
  value: unknown,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): value is number | undefined {
  return value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)
}

/** Microseconds since 1970; -1 if it is no time in RFC 3339, or one that a number cannot hold. */
export function timeOf(text: string): number {
  const [, toSeconds, fraction = '', zone = ''] = RFC_3339.exec(text) ?? []
  if (toSeconds === undefined) return -1
  const own = text.length === TIME_LENGTH ? readTimeUs(Buffer.from(text, 'latin1'), 0) : undefined
  const us = own ?? Date.parse(toSeconds + zone) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
  return us >= 0 && us <= MOST_TIME_US ? us : -1
}
