import type { FleetRecord } from './fleet.js'

/** Brokers take what is up to an hour ahead. */
const FAST_BY_MS = 30 * 60_000

/** A connect of a host whose clock is half an hour fast. */
export function fastRecord(nowMs: number): FleetRecord {
  return connectOf('fast', nowMs + FAST_BY_MS)
}

/** One of a host whose clock is right. */
export function rightRecord(nowMs: number): FleetRecord {
  return connectOf('right', nowMs)
}

function connectOf(host: string, timestamp: number): FleetRecord {
  const fields = {
    ...{ version: 1, event_id: `${host}-0`, time: new Date(timestamp).toISOString().replace('Z', '000000Z') },
    ...{ host, tool: 'tcpconnlat', comm: 'curl', destination_address: '10.0.0.1', destination_port: 443 },
    ...{ latency_us: 900, outcome: 'connected' },
  }
  return { partition: 0, timestamp, value: JSON.stringify(fields) }
}
