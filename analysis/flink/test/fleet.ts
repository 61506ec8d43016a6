import { declareLost, withoutDrops } from './faults.js'
import { HOSTILE, UNREADABLE } from './hostile-records.js'
import { DUPLICATES, FAST_BY_MS, FAST_HOST, SLOW_HOST, START } from './roles.js'
import { sentBy, timeText } from './sent.js'
import type { FleetTruth } from './truth.js'
import { truthOf } from './truth-of.js'

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
  readonly truth: FleetTruth
  readonly unreadable: number
}

/** The one that never gets a record is the next. */
export const WRITTEN_PARTITIONS = 3
export const PARTITIONS = WRITTEN_PARTITIONS + 1

/**
 * What agents of five nodes send in fourteen minutes, made up: with copies, a clock that is two hours fast, a loss that is
 * declared, a loss in the kernel, a run that is killed, and records of somebody else's.
 */
export function testFleet(): TestFleet {
  const sent = sentBy(DUPLICATES)
  const { kept, lost } = declareLost(sent)
  const records = withoutDrops(kept).map(({ timeMs, batch, fields }) => ({
    partition: batch % WRITTEN_PARTITIONS,
    timestamp: timeMs,
    value: JSON.stringify(
      fields['host'] === FAST_HOST ? { ...fields, time: timeText(timeMs + FAST_BY_MS) } : fields,
    ),
  }))
  const middle = Math.floor(records.length / 2)
  const at = records[middle]?.timestamp ?? START
  const hostile = HOSTILE.map((value) => ({ partition: 1, timestamp: at, value }))
  return {
    records: [...records.slice(0, middle), ...hostile, ...records.slice(middle)],
    lost,
    truth: truthOf(kept, lost),
    unreadable: UNREADABLE,
  }
}

/** A connect of a host of its own that comes when all of its time is over. */
export function lateRecord(fleet: TestFleet): FleetRecord {
  const [first] = fleet.records
  const timestamp = (first?.timestamp ?? START) + 60_000
  const fields = {
    ...{
      version: 1,
      event_id: 'late-1',
      time: timeText(timestamp),
      host: SLOW_HOST,
      tool: 'tcpconnlat',
      comm: 'curl',
    },
    ...{ destination_address: '10.0.0.1', destination_port: 443, latency_us: 900, outcome: 'connected' },
  }
  return { partition: 0, timestamp, value: JSON.stringify(fields) }
}
