import { describe, expect, it } from 'vitest'
import { protobufDecoder } from './protobuf-decoder.js'
import { protobufEncoder } from './protobuf-value.js'

const EVENT = {
  version: 1,
  event_id: '0f8fad5b-d9cb-469f-a165-70867728950e-7',
  time: '2026-02-03T04:05:06.123456789Z',
  host: 'node-1',
  tool: 'tcpconnlat',
  sample: 3,
  counted_by: 'tcpconnect',
  pid: 42,
  latency_us: 1234,
  comm: 'curl',
  destination_address: '10.0.0.1',
  destination_port: 443,
  outcome: 'connected',
  cause: 'network',
  fast_open: false,
  new_field: ['a', 'b'],
}
const LOSS = {
  version: 1,
  event_id: '0f8fad5b-d9cb-469f-a165-70867728950e-8',
  time: '2026-02-03T04:05:06.000000000Z',
  host: 'node-1',
  tool: '',
  record: 'loss',
  sink: 'kafka',
  reason: 'age',
  count: 5,
}

const encode = protobufEncoder()
const decode = protobufDecoder()
const there = (value: object) => ({
  kind: 'event' as const,
  tool: '',
  timeMs: 0,
  value: Buffer.from(JSON.stringify(value)),
})

describe('protobufDecoder', () => {
  it.each([
    ['an event', EVENT],
    ['an account', LOSS],
  ])('gives back %s as it was encoded', (_, value) => {
    const { tool, ...rest } = value
    const back = JSON.parse(String(decode(encode(there(value))))) as Record<string, unknown>
    expect({ ...back, tool: back['tool'] ?? '' }).toEqual({ ...rest, tool })
  })

  it('gives nothing for what is no message', () => {
    for (const bytes of [[0xff], [0x0a, 0x7f, 1], [0x3a, 0x02, 0x7b, 0x7b]])
      expect(decode(Buffer.from(bytes))).toBeUndefined()
  })
})

describe('a summary', () => {
  const summary = {
    version: 1,
    event_id: '01234567-89ab-4cde-8f01-23456789abcd-7',
    time: '2026-02-03T04:05:00.000000000Z',
    host: 'node-1',
    tool: 'tcpconnlat',
    record: 'summary',
    window_end: '2026-02-03T04:05:10.000000000Z',
    sample: 10,
    counted_by: 'tcpconnect',
    comm: 'curl',
    destination_address: '10.0.0.1',
    destination_port: 443,
    events: 40,
    outcomes: { connected: 39, refused: 1 },
    causes: { network: 39 },
    retransmitted: 0,
    latency_sum_us: 4000,
    cells: 'AQIAAQAFAQLeBQE=',
    examples: [
      { time: '2026-02-03T04:05:03.5Z', pid: 7, latency_us: 900, outcome: 'connected', cause: 'host' },
    ],
  }
  const passed = (record: object) => {
    const value = Buffer.from(JSON.stringify(record))
    const bytes = protobufEncoder()({ kind: 'summary', tool: 'tcpconnlat', timeMs: 0, value })
    return { bytes, json: JSON.parse(String(protobufDecoder()(bytes))) as object }
  }

  it('is what it was, its cells as bytes', () => {
    const { bytes, json } = passed(summary)
    expect(json).toEqual(summary)
    expect(bytes.includes(Buffer.from(summary.cells, 'base64'))).toBe(true)
    expect(bytes.includes('{')).toBe(false)
  })

  it('keeps what there is no field for', () => {
    const odd = {
      ...summary,
      cells: 'no base64!',
      examples: [{ ...summary.examples[0], more: 1 }],
      new_field: 'x',
    }
    expect(passed(odd).json).toEqual(odd)
  })
})
