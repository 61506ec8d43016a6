import type { SummariesConfig } from '../../../packages/hivetap/src/agent/agent.js'
import { windowStart } from '../../../packages/hivetap/src/detect/time/window.js'
import { TOOLS } from '../../../packages/hivetap/src/probes/tools.js'
import { withoutDrops } from './faults.js'
import { type FleetRecord, WRITTEN_PARTITIONS } from './fleet.js'
import { LOSING_HOST } from './roles.js'
import { idOf, type Sent, sentOf, timeText } from './sent.js'
import type { FleetTruth, TrueConnect } from './truth.js'
import { gapsOf, trueConnectOf } from './truth-of.js'

/** By how much an event may be late: what a summary says is at most as old. */
export const LATENESS_MS = 30_000
/** Shorter than that; what is slow or failed is told by itself. */
const SUMMARIES: SummariesConfig = {
  tools: ['tcpconnlat'],
  everyMs: 20_000,
  delayMs: 1000,
  keepOverMs: 90,
  keepFailed: true,
  maxKeys: 10_000,
  examples: 3,
}
/** Few, so that a summary stands for several connects: one is a Service. */
const DESTINATIONS = 3

/** What a fleet whose agents send summaries sent. */
export interface SummedFleet {
  readonly records: readonly FleetRecord[]
  readonly truth: FleetTruth
  /** Connects that were told in summaries which arrived, and summaries of more than one. */
  readonly summed: number
  readonly large: number
}

/**
 * The same connects are made up twice: told one by one, which says what is true, and told as agents with summaries tell them. A
 * summary is lost and declared, and a run is killed with all that it had counted and not told.
 */
export function summedFleet(): SummedFleet {
  const options = { tools: TOOLS.filter(({ name }) => name === 'tcpconnlat'), isQuick: true }
  const common = { destinations: DESTINATIONS, events: 3000 }
  const sent = sentOf({ ...common, duplicates: 0.1, summaries: SUMMARIES }, options)
  const lost = someSummary(sent)
  const kept = withoutDrops(sent.filter(({ fields }) => fields['event_id'] !== lost.fields['event_id']))
  const arrived = new Map(
    kept
      .filter(isSummary)
      .map((one) => [placeOf(one.fields, startOf(one.fields)), Number(one.fields['events'])]),
  )
  const connects = sentOf(common, options)
    .filter(({ fields }) => fields['record'] === undefined && fields['outcome'] !== 'stuck')
    .filter((one) => isKept(one.fields) || arrived.has(placeOf(one.fields, windowOf(one.timeMs))))
    .map(trueConnectOf)
  const epochs = kept.filter(({ fields }) => fields['record'] === 'epoch')
  return {
    records: [...kept, lossOf(lost)].sort((a, b) => a.timeMs - b.timeMs).map(recordOf),
    truth: truthOf(connects, epochs, lost.timeMs),
    summed: [...arrived.values()].reduce((sum, events) => sum + events, 0),
    large: [...arrived.values()].filter((events) => events > 1).length,
  }
}

function truthOf(connects: readonly TrueConnect[], epochs: readonly Sent[], lostMs: number): FleetTruth {
  const once = [...new Map(epochs.map((one) => [one.fields['event_id'], one])).values()]
  const { hosts, fromMs, toMs, gaps } = gapsOf(once, lostMs, 1, LATENESS_MS)
  return { connects, copies: 0, hosts, fromMs, toMs, gaps }
}

const isSummary = ({ fields }: Sent) => fields['record'] === 'summary'
const startOf = (fields: Sent['fields']) => Date.parse(String(fields['time']))
const windowOf = (timeMs: number) => windowStart(timeMs * 1000, SUMMARIES.everyMs * 1000) / 1000

/** Which summary a connect is in: of its run, its window, and its key. */
function placeOf(fields: Sent['fields'], startMs: number): string {
  const key = ['comm', 'destination_address', 'destination_port'].map((name) => fields[name])
  return JSON.stringify([idOf(fields).epoch, startMs, ...key])
}

/** As docs/summaries.md says what is told by itself. */
function isKept(fields: Sent['fields']): boolean {
  const { keepOverMs } = SUMMARIES
  const isOver = Number(fields['latency_us']) >= keepOverMs * 1000
  return isOver || (fields['outcome'] !== 'connected' && fields['outcome'] !== 'unknown')
}

/** In the middle, of several connects. */
function someSummary(sent: readonly Sent[]): Sent {
  const all = sent.filter(
    (one) => isSummary(one) && one.fields['host'] === LOSING_HOST && Number(one.fields['events']) > 1,
  )
  const one = all[Math.floor(all.length / 2)]
  if (one === undefined) throw new Error(`${LOSING_HOST} sends no summary.`)
  return one
}

function lossOf(lost: Sent): Sent {
  const { epoch, sequence } = idOf(lost.fields)
  const timeMs = lost.timeMs + 2000
  const fields = {
    ...{ version: 1, event_id: `${epoch}-loss-kafka-${sequence}-${sequence}`, time: timeText(timeMs) },
    ...{ host: LOSING_HOST, tool: '', record: 'loss', sink: 'kafka', epoch, reason: 'spool_full' },
    ...{ count: 1, first_sequence: sequence, last_sequence: sequence },
  }
  return { ...lost, timeMs, fields }
}

/** In Kafka a summary's time is the beginning of its window, as agents write it. */
function recordOf(one: Sent): FleetRecord {
  return {
    partition: one.batch % WRITTEN_PARTITIONS,
    timestamp: isSummary(one) ? startOf(one.fields) : one.timeMs,
    value: JSON.stringify(one.fields),
  }
}
