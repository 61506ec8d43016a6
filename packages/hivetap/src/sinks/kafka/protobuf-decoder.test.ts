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
