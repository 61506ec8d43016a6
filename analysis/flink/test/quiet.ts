import { Summarizer } from '../../../packages/hivetap/src/agent/summaries/summarizer.js'
import { summaryLine } from '../../../packages/hivetap/src/agent/summaries/summary-line.js'
import { EventIds } from '../../../packages/hivetap/src/sinks/json-lines.js'
import type { FleetRecord } from './fleet.js'
import { START } from './roles.js'
import type { AlertRow } from './rows.js'
import { timeText } from './sent.js'

const MINUTE_MS = 60_000
/** Connects of a minute: enough to judge it by. */
const CONNECTS = 30
/** Of one that is told in summaries: with so many bins that a sketch's length takes two bytes. */
const SUMMED = 450
const SLOW_US = 300_000
const QUICK_US = 900

/**
 * Destinations that fall silent, and one that does not, with minutes far apart. What Flink is told to remember is ten minutes.
 *
 * `10.0.0.1` is slow, falls silent, comes back slow after twenty minutes, and falls silent again. `10.0.0.2` is slow, has nothing for
 * nine minutes, and is well then. `10.0.0.3` is told of in summaries: slow, each connect in another way, and silent. The last record
 * says how late it is.
 */
export function quietRecords(): readonly FleetRecord[] {
  return [
    ...minuteOf('10.0.0.1', 0, SLOW_US),
    ...minuteOf('10.0.0.2', 0, SLOW_US),
    ...summaryOf('10.0.0.3', 0),
    ...minuteOf('10.0.0.1', 1, SLOW_US),
    ...minuteOf('10.0.0.2', 9, QUICK_US),
    ...minuteOf('10.0.0.1', 21, SLOW_US),
    ...minuteOf('10.0.0.9', 45, QUICK_US).slice(0, 1),
  ]
}

/** What is to be told of them: state, destination, the minutes of `since` and `time`, and how many of how many were slow. */
export const QUIET_ALERTS = [
  'open 10.0.0.1:443 0 1 30/30',
  'open 10.0.0.1:443 21 22 30/30',
  'open 10.0.0.2:443 0 1 30/30',
  'open 10.0.0.3:443 0 1 450/450',
  'resolved 10.0.0.1:443 0 2 30/30',
  'resolved 10.0.0.1:443 21 22 30/30',
  'resolved 10.0.0.2:443 0 1 0/30',
  'resolved 10.0.0.3:443 0 1 450/450',
]

/** The same of what was told. */
export function quietAlert(alert: Omit<AlertRow, 'observed'>): string {
  const minute = (text: string) => (Date.parse(text) - START) / MINUTE_MS
  const counts = `${alert.bad}/${alert.connects}`
  return [alert.state, alert.destination, minute(alert.since), minute(alert.time), counts].join(' ')
}

function minuteOf(address: string, minute: number, latencyUs: number): readonly FleetRecord[] {
  return Array.from({ length: CONNECTS }, (_, index) => {
    const timestamp = START + minute * MINUTE_MS + index * 1000
    const fields = {
      ...{
        version: 1,
        event_id: `${address}-${minute * CONNECTS + index}`,
        time: timeText(timestamp),
        host: 'node-1',
      },
      ...{ tool: 'tcpconnlat', comm: 'curl', destination_address: address, destination_port: 443 },
      ...{ latency_us: latencyUs, outcome: 'connected', cause: 'network' },
    }
    return { partition: 0, timestamp, value: JSON.stringify(fields) }
  })
}

/** Many connects as an agent with summaries tells them: another latency each. */
function summaryOf(address: string, minute: number): readonly FleetRecord[] {
  const summarizer = new Summarizer({
    ...{ tools: ['tcpconnlat'], everyMs: 20_000, delayMs: 0, keepOverMs: 10_000, keepFailed: true },
    ...{ maxKeys: 10, examples: 3 },
  })
  const ids = new EventIds('5a1f0e0c-0000-4000-8000-000000000003')
  const records: FleetRecord[] = []
  for (let index = 0; index < SUMMED; index++) {
    const latencyUs = SLOW_US + (index % 150) * 20_000
    const facts = {
      ...{ comm: 'curl', address, port: 443, pid: 7, latencyUs },
      ...({ outcome: 'connected', cause: 'network', retransmits: 0 } as const),
    }
    summarizer.take({ tool: 0 }, facts, undefined, (START + minute * MINUTE_MS + index * 100) * 1000)
  }
  for (const due of summarizer.rest())
    records.push({
      partition: 0,
      timestamp: due.startUs / 1000,
      value: summaryLine(due, { ids, host: 'node-3', tool: 'tcpconnlat' }).trimEnd(),
    })
  return records
}
