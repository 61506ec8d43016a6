import type { FleetOptions } from '../../../packages/hivetap/src/simulation/fleet-options.js'
import { simulateFleet } from '../../../packages/hivetap/src/simulation/simulate-fleet.js'
import { HOSTILE, UNREADABLE } from './hostile-records.js'

/** A record on its way to the topic. */
export interface FleetRecord {
  readonly partition: number
  /** Milliseconds since 1970, as the broker keeps it. */
  readonly timestamp: number
  readonly value: string
}

/** An event that was taken away. */
export interface TakenEvent {
  readonly timeMs: number
}

/** What a fleet sent, and what of it went wrong. */
export interface TestFleet {
  readonly records: readonly FleetRecord[]
  /** Events that a sink declared lost: they are on no topic. */
  readonly lost: readonly TakenEvent[]
  readonly unreadable: number
}

type Fields = Record<string, unknown>

const START = Date.parse('2026-11-20T00:00:00Z')
const MINUTES = 14
const FAST_HOST = 'node-2'
/** Its clock is slow. */
export const SLOW_HOST = 'node-6'
const LOSING_HOST = 'node-3'
const DROPPING_HOST = 'node-4'
/** Killed in the middle; its next run says so. */
const CUT_HOST = 'node-5'
const FAST_BY_MS = 2 * 3_600_000
const LOST = 40
const SLOW_FROM = START + 4 * 60_000
const SLOW_TO = START + 8 * 60_000
/** The one that never gets a record is the next. */
const WRITTEN_PARTITIONS = 3
export const PARTITIONS = WRITTEN_PARTITIONS + 1

/**
 * What agents of five nodes send in fourteen minutes, made up: with copies, a clock that is two hours fast, a loss that is
 * declared, a loss in the kernel, a run that is killed, and records of somebody else's.
 */
export function testFleet(): TestFleet {
  const faults = { duplicates: 0.1, events: 4000, minutes: MINUTES, startMs: START }
  const sent = [
    ...fleet({ ...faults, seed: 11, nodes: 4, epochs: 1 }),
    ...fleet(
      { ...faults, seed: 12, nodes: 1, epochs: 2, cut: 1, minutes: MINUTES / 2, events: 2000 },
      CUT_HOST,
    ),
  ].sort((a, b) => a.timeMs - b.timeMs)
  const { kept, lost } = declareLost(sent)
  const records = withoutDrops(kept).map(({ timeMs, batch, fields }) => ({
    partition: batch % WRITTEN_PARTITIONS,
    timestamp: timeMs,
    value: JSON.stringify(
      fields['host'] === FAST_HOST ? { ...fields, time: timeOf(timeMs + FAST_BY_MS) } : fields,
    ),
  }))
  const middle = Math.floor(records.length / 2)
  const at = records[middle]?.timestamp ?? START
  const hostile = HOSTILE.map((value) => ({ partition: 1, timestamp: at, value }))
  return {
    records: [...records.slice(0, middle), ...hostile, ...records.slice(middle)],
    lost,
    unreadable: UNREADABLE,
  }
}

/** Records that say nothing but that it is half an hour later: what was before is over. */
export function laterRecords(after: TestFleet): readonly FleetRecord[] {
  const timestamp = Math.max(...after.records.map((record) => record.timestamp)) + 1_800_000
  return Array.from({ length: WRITTEN_PARTITIONS }, (_, partition) => {
    const fields = {
      version: 1,
      event_id: `later-${partition}`,
      time: timeOf(timestamp),
      host: 'later',
      tool: '',
    }
    return { partition, timestamp, value: JSON.stringify({ ...fields, record: 'later' }) }
  })
}

/** A connect of a host of its own that comes when all of its time is over. */
export function lateRecord(fleet: TestFleet): FleetRecord {
  const [first] = fleet.records
  const timestamp = (first?.timestamp ?? START) + 60_000
  const fields = {
    ...{
      version: 1,
      event_id: 'late-1',
      time: timeOf(timestamp),
      host: SLOW_HOST,
      tool: 'tcpconnlat',
      comm: 'curl',
    },
    ...{ destination_address: '10.0.0.1', destination_port: 443, latency_us: 900, outcome: 'connected' },
  }
  return { partition: 0, timestamp, value: JSON.stringify(fields) }
}

interface Sent {
  readonly timeMs: number
  /** Which of all batches it came in: a batch goes to one partition. */
  readonly batch: number
  readonly fields: Fields
}

function fleet(options: Partial<FleetOptions>, host?: string): readonly Sent[] {
  let batch = 0
  return [...simulateFleet(options).batches].flatMap(({ timeMs, lines }) => {
    batch++
    return lines.map((line) => {
      const fields = JSON.parse(line) as Fields
      return {
        timeMs,
        batch,
        fields: { ...fewDestinations(fields, timeMs), ...(host === undefined ? {} : { host }) },
      }
    })
  })
}

/**
 * The simulator connects to somewhere else each time, and is quick everywhere; here many go to one place, as in a fleet, and one
 * place is slow for some minutes.
 */
function fewDestinations(fields: Fields, timeMs: number): Fields {
  const address = fields['destination_address']
  if (typeof address !== 'string') return fields
  const place = Number(address.split('.')[3]) % 4
  const isSlow = place === 2 && timeMs >= SLOW_FROM && timeMs < SLOW_TO
  return {
    ...fields,
    destination_address: place === 3 ? 'fd00::3' : `10.0.0.${place}`,
    destination_port: 443,
    latency_us: Number(fields['latency_us']) * (isSlow ? 2 : 1),
    // Some of it is of Kubernetes.
    ...(place === 1 ? { destination_service: 'cart', destination_service_namespace: 'shop' } : {}),
    ...(fields['comm'] === 'curl' ? { k8s_namespace: 'shop', k8s_workload: 'checkout' } : {}),
  }
}

/** Takes events that follow each other away from a host, in the middle, and has a record say so. */
function declareLost(sent: readonly Sent[]): {
  readonly kept: readonly Sent[]
  readonly lost: readonly TakenEvent[]
} {
  const events = sent.filter(({ fields }) => fields['host'] === LOSING_HOST && fields['record'] === undefined)
  const from = events[Math.floor(events.length / 2)]
  if (from === undefined) throw new Error(`${LOSING_HOST} sends nothing.`)
  const { epoch, sequence } = idOf(from.fields)
  const last = sequence + LOST - 1
  const isLost = ({ fields }: Sent) => {
    const id = idOf(fields)
    return (
      fields['record'] === undefined && id.epoch === epoch && id.sequence >= sequence && id.sequence <= last
    )
  }
  const lost = sent.filter(isLost)
  const record = {
    ...{ version: 1, event_id: `${epoch}-loss-kafka-${sequence}-${last}`, time: timeOf(from.timeMs + 2000) },
    ...{ host: LOSING_HOST, tool: '', record: 'loss', sink: 'kafka', epoch, reason: 'spool_full' },
    ...{ count: LOST, first_sequence: sequence, last_sequence: last },
  }
  const kept = sent.filter((one) => !isLost(one))
  const place = kept.findIndex(({ timeMs }) => timeMs > from.timeMs + 2000)
  const declared = { timeMs: from.timeMs + 2000, batch: from.batch, fields: record }
  return { kept: [...kept.slice(0, place), declared, ...kept.slice(place)], lost }
}

/** The simulator's kernels drop now and then everywhere: here one does, once. */
function withoutDrops(sent: readonly Sent[]): readonly Sent[] {
  let accounts = 0
  const seen = new Set<unknown>()
  return sent.map((one) => {
    const { fields } = one
    if (fields['record'] !== 'ledger') return one
    const isDropping = fields['host'] === DROPPING_HOST && fields['tool'] === 'tcpconnlat'
    if (isDropping && !seen.has(fields['event_id'])) accounts++
    seen.add(fields['event_id'])
    const dropped = isDropping && accounts > 9 ? 7 : 0
    const told = ['delivered', 'filtered', 'sampled_out', 'in_flight'].map((name) => Number(fields[name]))
    const produced = told.reduce((sum, count) => sum + count, dropped)
    return { ...one, fields: { ...fields, produced, dropped: dropped === 0 ? {} : { buffer_full: dropped } } }
  })
}

function idOf(fields: Fields): { readonly epoch: string; readonly sequence: number } {
  const [, epoch = '', sequence = ''] = /^(.*)-(\d+)$/.exec(String(fields['event_id'])) ?? []
  return { epoch, sequence: Number(sequence) }
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000000Z')
}
