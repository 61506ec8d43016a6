/** Connects of a test's own, in the order of their times, as hivetap's JSON has them. */
export interface ConnectLines {
  readonly lines: readonly string[]
  readonly timesMs: readonly number[]
}

const EPOCH = '0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00'

/**
 * Ten destinations, a connect every `stepMs`. Now and then one of them is slow for a while, in turn: alerts open and are resolved.
 *
 * @param startMs time of the first: milliseconds since 1970
 */
export function connectLines(count: number, startMs: number, stepMs: number): ConnectLines {
  const timesMs = Array.from({ length: count }, (_, index) => startMs + index * stepMs)
  const lines = timesMs.map((timeMs, index) => {
    const destination = index % 10
    const spell = Math.floor(index / 400)
    const isSlow = spell % 3 === 1 && destination === spell % 10
    const time = new Date(timeMs).toISOString().replace('Z', '000000Z')
    return JSON.stringify({
      version: 1,
      event_id: `${EPOCH}-${index}`,
      time,
      host: `node-${index % 3}`,
      tool: 'tcpconnlat',
      pid: 100 + destination,
      latency_us: isSlow ? 400_000 : 900,
      comm: 'curl',
      destination_address: `10.0.0.${destination}`,
      destination_port: 443,
      outcome: 'connected',
      cause: 'network',
    })
  })
  return { lines, timesMs }
}
