import type { DuckDBValue } from '@duckdb/node-api'
import { ipEnd } from '../../detect/input/ip-end.js'
import { causeNamed, outcomeOf } from '../../detect/input/labels.js'
import { emptyObservation, type Observation } from '../../detect/observation.js'
import { askStore } from '../../store/ask-store.js'
import { query } from '../../store/query.js'
import { Progress } from '../progress.js'
import type { Source } from './source.js'

/** In the order of time: a store may have several agents' events, and those that came late. */
const SQL = `SELECT epoch_ns(time) // 1000, coalesce(latency_us, -1)::DOUBLE, outcome, cause, host, comm, pid, destination_address,
  destination_port, coalesce(sample, 1)::DOUBLE, epoch || '-' || sequence FROM connects ORDER BY time`

/** Reads the store that an agent writes, to its end. */
export function storeSource(path: string): Source {
  return (watch, { signal, flush }) =>
    askStore(path, signal, async ({ connection }) => {
      const answer = await query(connection, SQL, Number.MAX_SAFE_INTEGER)
      const progress = new Progress(() => `${watch.detector.observed} connects looked at`)
      const observation = emptyObservation()
      for await (const rows of answer.rows) {
        for (const row of rows) watch.detector.take(fill(observation, row))
        await watch.tellWhoHears(signal)
        await flush()
        if (!watch.isHeard) return
        progress.tell()
      }
      watch.detector.finish()
    })
}

function fill(observation: Observation, row: readonly DuckDBValue[]): Observation {
  const [timeUs, latencyUs, outcome, cause, host, comm, pid, address, port, weight, eventId] = row
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

function textOf(value: DuckDBValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
