import { type JsonObject, parseJsonObject } from '../../stream/json-object.js'
import type { EventFields } from '../input/json/event-fields.js'
import { isConnectTool } from '../input/json/is-connect-tool.js'
import { readConnect, timeOf } from '../input/json/read-event.js'
import { causeNamed, outcomeOf } from '../input/labels.js'
import { DetectStateError } from '../state/state-error.js'
import { decodeCells } from './cells-codec.js'
import {
  type ConnectSummary,
  MOST_EXAMPLES,
  OTHER_KEY,
  type SummaryCell,
  type SummaryExample,
  sizeOfCell,
} from './connect-summary.js'
import { areCounted } from './each-part.js'

/** A window at most: microseconds. Longer ones no agent tells of. */
const MOST_WINDOW_US = 86_400 * 1e6
/** Where no address is told, since the summary is of the keys that had no room. */
const NOWHERE = { destination_address: '0.0.0.0', destination_port: 0 }

/**
 * Reads a record of the kind `summary` (docs/summaries.md).
 *
 * @param fields filled with whose connects they are, as those of an event are; `timeUs` is when the window began
 * @returns why it cannot be read, as a short name
 */
export function readSummary(bytes: Uint8Array, fields: EventFields): ConnectSummary | string {
  const json = parseJsonObject(bytes)
  if (json === undefined) return 'not_json'
  const { tool, other, events, cells, window_end: end } = json
  if (typeof tool !== 'string' || !isConnectTool(tool)) return 'tool'
  const wrong = readConnect(other === true ? { ...json, ...NOWHERE } : json, fields)
  if (wrong !== undefined) return wrong
  fields.tool = tool
  if (other === true) fields.comm = fields.destination = OTHER_KEY
  const endUs = typeof end === 'string' ? timeOf(end) : -1
  const lengthUs = endUs - fields.timeUs
  if (fields.timeUs < 0 || !(lengthUs > 0 && lengthUs <= MOST_WINDOW_US)) return 'time'
  const decoded = cellsOf(cells)
  const size = decoded?.reduce((sum, cell) => sum + sizeOfCell(cell), 0) ?? 0
  if (decoded === undefined || size !== events || size < 1) return 'summary'
  const examples = examplesOf(json['examples'], fields.timeUs, lengthUs)
  if (examples === undefined || !areCounted(decoded, examples)) return 'summary'
  return { events: size, cells: decoded, examples }
}

function cellsOf(written: unknown): readonly SummaryCell[] | undefined {
  if (typeof written !== 'string') return undefined
  try {
    return decodeCells(Buffer.from(written, 'base64'))
  } catch (error) {
    if (error instanceof DetectStateError) return undefined
    throw error
  }
}

function examplesOf(
  written: unknown = [],
  startUs: number,
  lengthUs: number,
): readonly SummaryExample[] | undefined {
  if (!Array.isArray(written) || written.length > MOST_EXAMPLES) return undefined
  const examples = written.map((one: unknown) => exampleOf(one, startUs))
  const isWhole = (one: SummaryExample | undefined): one is SummaryExample =>
    one !== undefined && one.offsetUs >= 0 && one.offsetUs < lengthUs
  return examples.every(isWhole) ? examples : undefined
}

function exampleOf(written: unknown, startUs: number): SummaryExample | undefined {
  if (typeof written !== 'object' || written === null) return undefined
  const { time, pid = 0, latency_us: latencyUs = -1, outcome, cause = 'unknown' } = written as JsonObject
  if (typeof time !== 'string' || typeof outcome !== 'string' || typeof cause !== 'string') return undefined
  if (!isWhole(pid, 0) || !isWhole(latencyUs, -1)) return undefined
  return {
    offsetUs: timeOf(time) - startUs,
    pid,
    latencyUs,
    outcome: outcomeOf(outcome),
    cause: causeNamed(cause),
  }
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least
}
