import type { DuckDBValue } from '@duckdb/node-api'
import { ipEnd } from '../../detect/input/ip-end.js'
import { causeNamed, outcomeOf } from '../../detect/input/labels.js'
import { emptyObservation, type Observation } from '../../detect/observation.js'
import { timeOfUs } from '../../detect/time/time-text.js'
import { askStore } from '../../store/ask-store.js'
import { query } from '../../store/query.js'
import { hasSummaries } from '../../store/summaries-there.js'
import { Progress } from '../progress.js'
import type { Source } from './source.js'

/** In the order of time: a store may have several agents' events, and those that came late. */
const COLUMNS = `epoch_ns(time) // 1000, coalesce(latency_us, -1)::DOUBLE, outcome, cause, host, comm, pid, destination_address,
  destination_port, coalesce(sample, 1)::DOUBLE, epoch || '-' || sequence`
/** Behind those columns, of a summary what makes a record of it again. */
const NO_SUMMARY = 'NULL AS window_end, NULL AS events, NULL AS cells, NULL AS examples, NULL AS other'
const CONNECTS = `SELECT time, ${COLUMNS}, ${NO_SUMMARY} FROM connects`
const SUMMARIES = `SELECT time, epoch_ns(time) // 1000, NULL, NULL, NULL, host, comm, NULL, destination_address, destination_port,
  coalesce(sample, 1)::DOUBLE, epoch || '-' || sequence, epoch_ns(window_end) // 1000, events, cells, examples, other
  FROM summary WHERE tool = 'tcpconnlat'`
/** Columns of an event, with the time in front. */
const OF_EVENT = 12

/** Reads the store that an agent writes, to its end. */
export function storeSource(path: string): Source {
  return (watch, { signal, flush }) =>
    askStore(path, signal, async ({ connection }) => {
      const all = (await hasSummaries(connection)) ? `${CONNECTS} UNION ALL ${SUMMARIES}` : CONNECTS
      const answer = await query(connection, `${all} ORDER BY time`, Number.MAX_SAFE_INTEGER)
      const progress = new Progress(() => `${watch.detector.observed} connects looked at`)
      const observation = emptyObservation()
      for await (const rows of answer.rows) {
        for (const row of rows)
          if (row[OF_EVENT] === null) watch.detector.take(fill(observation, row))
          else watch.reader.readRecord(Buffer.from(JSON.stringify(summaryOf(row))), 0)
        await watch.tellWhoHears(signal)
        await flush()
        if (!watch.isHeard) return
        progress.tell()
      }
      watch.detector.finish()
    })
}

function fill(observation: Observation, row: readonly DuckDBValue[]): Observation {
  const [, timeUs, latencyUs, outcome, cause, host, comm, pid, address, port, weight, eventId] = row
  observation.timeUs = Number(timeUs)
  observation.latencyUs = Number(latencyUs)
  observation.outcome = outcomeOf(textOf(outcome))
  observation.cause = causeNamed(textOf(cause))
  observation.host = textOf(host)
  observation.comm = textOf(comm)
  observation.pid = Number(pid ?? 0)
  observation.source = observation.comm
  observation.destination = ipEnd(textOf(address), Number(port ?? 0))
  observation.weight = Number(weight)
  observation.eventId = textOf(eventId)
  return observation
}

/** The record of a summary, as it was delivered. */
function summaryOf(row: readonly DuckDBValue[]): Readonly<Record<string, unknown>> {
  const [, timeUs, , , , host, comm, , address, port, sample, id, endUs, events, cells, examples, other] = row
  return {
    version: 1,
    event_id: textOf(id),
    time: timeOfUs(Number(timeUs)),
    host: textOf(host),
    tool: 'tcpconnlat',
    record: 'summary',
    window_end: timeOfUs(Number(endUs)),
    sample: Number(sample),
    ...(other === true
      ? { other }
      : { comm: textOf(comm), destination_address: textOf(address), destination_port: Number(port) }),
    events: Number(events),
    cells: textOf(cells),
    ...(typeof examples === 'string' && { examples: JSON.parse(examples) as unknown }),
  }
}

function textOf(value: DuckDBValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
