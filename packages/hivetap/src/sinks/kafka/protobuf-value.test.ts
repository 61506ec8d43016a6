import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { readWire } from '../../../../../test/support/wire-format.js'
import type { AnyTool, FieldType } from '../../probes/tool.js'
import { TOOLS } from '../../probes/tools.js'
import type { SpoolRecord } from '../../spool/spool.js'
import { eventProto, type FieldNumbers, withNewNumbers } from './event-proto.js'
import { protobufEncoder } from './protobuf-value.js'

const published = (name: string) =>
  readFileSync(new URL(`../../../../../proto/hivetap/v1/${name}`, import.meta.url), 'utf8')
const NUMBERS = JSON.parse(published('field-numbers.json')) as FieldNumbers
/** A consumer’s: made of the published text, not of what the encoder is made of. */
const EVENT = protobuf.parse(published('event.proto'), { keepCase: true }).root.lookupType('hivetap.v1.Event')
const encode = protobufEncoder()

const EPOCH = '01234567-89ab-4cde-8f01-23456789abcd'
const head = {
  version: 1,
  event_id: `${EPOCH}-7`,
  time: '2026-02-03T04:05:06.123456789Z',
  host: 'node-1',
}

function recordOf(json: unknown, tool = ''): SpoolRecord {
  return { kind: 'event', tool, timeMs: 0, value: Buffer.from(JSON.stringify(json)) }
}

function decode(bytes: Uint8Array): Record<string, unknown> {
  return EVENT.toObject(EVENT.decode(bytes), { longs: String })
}

const VALUES: Readonly<Record<FieldType, fc.Arbitrary<unknown>>> = {
  string: fc.string({ unit: 'grapheme' }),
  integer: fc.maxSafeInteger(),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  boolean: fc.boolean(),
  strings: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
}

/** Fields of a tool with any values, some left out. */
function fieldsOf(tool: AnyTool) {
  return fc.record(Object.fromEntries(tool.fields.map(({ name, type }) => [name, VALUES[type]])), {
    requiredKeys: [],
  })
}

describe('hivetap.v1.Event', () => {
  test('is published as the tools are, and every field has its number', () => {
    expect(withNewNumbers(TOOLS, NUMBERS)).toEqual(NUMBERS)
    expect(eventProto(TOOLS, NUMBERS)).toBe(published('event.proto'))
    for (const numbers of Object.values(NUMBERS)) {
      const used = Object.values(numbers)
      expect(new Set(used).size).toBe(used.length)
    }
  })

  test.each(TOOLS.map((tool) => [tool.name, tool] as const))('has all of an event of %s', (name, tool) => {
    fc.assert(
      fc.property(fieldsOf(tool), (fields) => {
        const event = decode(encode(recordOf({ ...head, tool: name, ...fields }, name)))
        expect(event).toMatchObject({
          version: 1,
          event_id: head.event_id,
          time_unix_nano: '1770091506123456789',
          host: 'node-1',
          tool: name,
        })
        expect(event['extra_json']).toBeUndefined()
        const asText = Object.entries(fields).map(([field, value]) => [
          field,
          typeof value === 'number' &&
          Number.isInteger(value) &&
          tool.fields.some((one) => one.name === field && one.type === 'integer')
            ? String(value)
            : value,
        ])
        expect(event[name]).toEqual(Object.fromEntries(asText))
      }),
    )
  })

  test('has accounts, losses and epochs', () => {
    const ledger = { record: 'ledger', ended: true, produced: 9, delivered: 5, dropped: { map_full: 4 } }
    expect(decode(encode(recordOf({ ...head, tool: 'tcpconnlat', ...ledger })))).toMatchObject({
      tool: 'tcpconnlat',
      ledger: { ended: true, produced: '9', delivered: '5', dropped: { map_full: '4' } },
    })
    const loss = {
      record: 'loss',
      sink: 'a',
      epoch: EPOCH,
      reason: 'spool_full',
      count: 3,
      first_sequence: 1,
      last_sequence: 3,
    }
    const lost = decode(encode(recordOf({ ...head, tool: '', ...loss })))
    expect(lost['loss']).toEqual({
      sink: 'a',
      epoch: EPOCH,
      reason: 'spool_full',
      count: '3',
      first_sequence: '1',
      last_sequence: '3',
    })
  })

  test('keeps what it has no field for', () => {
    const extra = { pod: { name: 'a' }, pid: 'seven', record: 'other', tcpconnlat: 1 }
    const event = decode(encode(recordOf({ ...head, tool: 'tcpconnlat', comm: 'curl', ...extra })))
    expect(JSON.parse(String(event['extra_json']))).toEqual({ ...extra, comm: 'curl' })
    const plain = decode(encode({ ...recordOf({}), value: Buffer.from('not "JSON"') }))
    expect(JSON.parse(String(plain['extra_json']))).toBe('not "JSON"')
    expect(JSON.parse(String(decode(encode(recordOf({ ...head, time: 'soon' })))['extra_json']))).toEqual({
      time: 'soon',
    })
  })

  test('stands on the wire under the published numbers', () => {
    const bytes = encode(
      recordOf({ ...head, tool: 'tcpconnlat', pid: 300, comm: 'cürl', latency_us: -1 }, 'tcpconnlat'),
    )
    const event = readWire(bytes)
    const number = (message: string, field: string) => NUMBERS[message]?.[field] ?? -1
    expect(event.get(number('Event', 'host'))).toEqual(Buffer.from('node-1'))
    expect(event.get(number('Event', 'time_unix_nano'))).toBe(1_770_091_506_123_456_789n)
    const connect = readWire(event.get(number('Event', 'tcpconnlat')) as Buffer)
    expect(connect.get(number('Tcpconnlat', 'pid'))).toBe(300n)
    expect(connect.get(number('Tcpconnlat', 'comm'))).toEqual(Buffer.from('cürl'))
    expect(connect.get(number('Tcpconnlat', 'latency_us'))).toBe(2n ** 64n - 1n)
    expect(connect.size).toBe(3)
  })

  test('takes any record', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.uint8Array(), (json, bytes) => {
        decode(encode(recordOf(json)))
        decode(encode({ ...recordOf({}), value: bytes }))
      }),
    )
  })
})

test('a number stays with its field, and is never given again', () => {
  const [tool] = TOOLS
  if (tool === undefined) throw new Error('There is no tool.')
  const [first, second] = tool.fields
  const name = tool.name.charAt(0).toUpperCase() + tool.name.slice(1)
  const without = { ...tool, fields: tool.fields.slice(1) }
  const numbers = withNewNumbers([without], NUMBERS)
  expect(numbers[name]?.[first?.name ?? '']).toBe(NUMBERS[name]?.[first?.name ?? ''])
  expect(eventProto([without], numbers)).toContain(
    `reserved ${NUMBERS[name]?.[first?.name ?? '']}; // was ${first?.name}`,
  )
  const more = { ...tool, fields: [...tool.fields, { ...second, name: 'brand_new' }] } as AnyTool
  expect(() => eventProto([more], NUMBERS)).toThrow('brand_new')
  const next = withNewNumbers([more], NUMBERS)[name]?.['brand_new']
  expect(Object.values(NUMBERS[name] ?? {})).not.toContain(next)
})
