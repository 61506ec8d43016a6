import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECT } from '../../../../../../test/support/examples.js'
import { NOW_US, readConnects } from '../../../../../../test/support/read-connects.js'
import { causeOf } from '../../../probes/connects/cause.js'
import type { ConnectEvent } from '../../../probes/connects/connect-event.js'
import { hasCause } from '../../../probes/connects/connect-fields.js'
import { tcpconnect } from '../../../probes/tcpconnect/tcpconnect.js'
import { tcpconnlat } from '../../../probes/tcpconnlat/tcpconnlat.js'
import { EventIds, JsonLines } from '../../../sinks/json-lines.js'
import { WallClock } from '../../../sinks/wall-clock.js'
import { idOf } from '../../event-id.js'
import { emptyObservation, OUTCOMES } from '../../observation.js'
import { ipEnd } from '../ip-end.js'
import { emptyFields } from './event-fields.js'
import { EventScanner } from './event-scanner.js'
import { isConnectTool } from './is-connect-tool.js'
import { readEvent } from './read-event.js'

const EPOCH = '0f8fad5b-d9cb-469f-a165-70867728950e'
const CLOCK = new WallClock({ monotonicNs: () => 0n, realtimeNs: () => 10n ** 18n })
const RECORD = {
  version: 1,
  event_id: `${EPOCH}-7`,
  time: '2026-11-28T04:55:37.123456789Z',
  host: 'node-1',
  tool: 'tcpconnlat',
  pid: 42,
  latency_us: 1234,
  comm: 'curl',
  destination_address: '10.0.0.1',
  destination_port: 443,
  outcome: 'connected',
  cause: 'network',
}
const NAMES = {
  k8s_namespace: 'shop',
  k8s_workload: 'checkout',
  destination_service: 'cart',
  destination_service_namespace: 'store',
}

const name = fc.string({
  unit: fc.constantFrom('a', 'ö', '"', '\\', '\0', '\ud800', '😀', ' ', '1'),
  maxLength: 15,
})
const event: fc.Arbitrary<ConnectEvent> = fc
  .record({
    timeNs: fc.nat(),
    pid: fc.nat(),
    latencyUs: fc.maxSafeNat(),
    comm: name,
    destination: fc.oneof(fc.ipV4(), fc.ipV6()),
    destinationPort: fc.nat(65_535),
    srttUs: fc.nat(1000),
    errorCode: fc.constantFrom(0, 110, 111),
    retransmits: fc.nat(2),
    outcome: fc.constantFrom(...OUTCOMES.filter((outcome) => outcome !== 'unknown')),
  })
  .map(({ destination, ...rest }) => ({ ...CONNECT, ...rest, destinationAddress: destination }))

describe('events of hivetap, read', () => {
  it.each([
    ['tcpconnlat', tcpconnlat],
    ['tcpconnect', tcpconnect],
  ] as const)('are what %s told', (_, tool) => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 4 }),
        fc.option(fc.integer({ min: 2, max: 100 })),
        (events, sample) => {
          const options = { missing: new Map(), clock: CLOCK, ids: new EventIds(EPOCH), host: 'node-1' }
          const format = new JsonLines(tool, sample === null ? options : { ...options, sample })
          const { connects, unreadable } = readConnects(events.map((each) => format.line(each)).join(''))
          expect(unreadable).toEqual({})
          expect(connects).toEqual(
            events.map((each, index) => ({
              timeUs: 10 ** 15 + Math.floor(each.timeNs / 1000),
              stream: 0,
              eventId: '',
              epoch: EPOCH,
              sequence: index,
              latencyUs: each.latencyUs,
              outcome: each.outcome,
              cause: hasCause(each) ? causeOf(each) : 'unknown',
              host: 'node-1',
              comm: each.comm,
              pid: each.pid,
              source: each.comm,
              destination: ipEnd(each.destinationAddress, each.destinationPort),
              weight: sample ?? 1,
              summary: undefined,
              isPart: false,
            })),
          )
        },
      ),
    )
  })

  it('are read without their JSON being whole, where they are of plain characters', () => {
    const format = new JsonLines(tcpconnlat, { missing: new Map(), clock: CLOCK, host: 'node-1' })
    const line = Buffer.from(format.line({ ...CONNECT, comm: 'curl' }))
    expect(new EventScanner().scan(line, 0, line.length - 1, emptyFields())).toBe(true)
  })

  it.each(['7', '0', '999999999999999'])('are known by epoch and sequence: %s', (sequence) => {
    const line = JSON.stringify({ ...RECORD, event_id: `${EPOCH}-${sequence}` })
    const [connect = emptyObservation()] = readConnects(`${line}\n`).connects
    expect(connect).toMatchObject({ eventId: '', epoch: EPOCH, sequence: Number(sequence) })
    expect(idOf(connect)).toBe(`${EPOCH}-${sequence}`)
  })

  it.each([
    `${EPOCH}-07`,
    `${EPOCH}-1234567890123456`,
    `${EPOCH}-`,
    `${EPOCH}-1a`,
    `${EPOCH}_1`,
    `${'x'.repeat(36)}-1`,
    `${EPOCH.toUpperCase()}-1`,
    'of others',
  ])('keep the id %s as it is', (id) => {
    const fields = emptyFields()
    const line = Buffer.from(JSON.stringify({ ...RECORD, event_id: id }))
    expect(new EventScanner().scan(line, 0, line.length, fields)).toBe(true)
    expect(fields).toMatchObject({ eventId: id, epoch: '', sequence: -1 })
    expect(readConnects(`${line}\n`).connects.map(idOf)).toEqual([id])
  })

  it('are the same whether scanned or read by all of their JSON', () => {
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        '',
        'tcpconnlat',
        'execsnoop',
        'connected',
        '10.0.0.1',
        '::1',
        'x'.repeat(257),
      ),
      fc.constantFrom<unknown>(0, 1, 2, -1, 1.5, 65_535, 65_536, 2 ** 32, 2 ** 53, 1e21),
      fc.constantFrom<unknown>(null, true, false, [], ['a', 'b'], [1], {}, { a: 1 }),
      fc.constantFrom<unknown>(
        '2026-02-31T04:55:37.123456789Z',
        '2026-11-28T04:55:37Z',
        '1960-11-28T04:55:37.123456789Z',
      ),
      fc.constantFrom<unknown>(`${EPOCH}-0`, `${EPOCH}-07`, `${EPOCH}-x`, `${EPOCH.toUpperCase()}-7`),
      name,
    )
    const key = fc.constantFrom(
      ...Object.keys(RECORD),
      ...Object.keys(NAMES),
      'record',
      'connects',
      'sample',
      'uid',
      'extra',
      '__proto__',
      'ö',
    )
    const json = fc
      .tuple(fc.array(fc.tuple(key, value), { maxLength: 3 }), fc.subarray(Object.keys(RECORD)), fc.boolean())
      .map(([changes, left, isPrefix]) => {
        const kept = Object.entries(RECORD).filter(([each]) => !left.includes(each) || left.length > 3)
        const all = isPrefix ? [...changes, ...kept] : [...kept, ...changes]
        return `{${all.map(([each, what]) => `${JSON.stringify(each)}:${JSON.stringify(what)}`).join(',')}}`
      })
    // Bytes changed anywhere, too.
    const change = fc.tuple(fc.nat(400), fc.constantFrom(...'"\\{}[]:,0179.- aetn\0é'.split('')))
    const line = fc
      .tuple(json, fc.array(change, { maxLength: 2 }))
      .map(([text, changes]) =>
        changes.reduce((all, [at, character]) => all.slice(0, at) + character + all.slice(at + 1), text),
      )
    const scanner = new EventScanner()
    let scanned = 0
    fc.assert(
      fc.property(line, (text) => {
        const bytes = Buffer.from(`${text}\n`)
        const [fast, whole] = [emptyFields(), emptyFields()]
        if (!scanner.scan(bytes, 0, bytes.length - 1, fast)) return
        scanned++
        const reason = readEvent(bytes.subarray(0, -1), whole)
        if (fast.version !== -1 && fast.version !== 1) expect(reason).toBe('version')
        else {
          expect(reason).toBeUndefined()
          expect(fast.isRecord).toBe(whole.isRecord)
          if (fast.isRecord) return
          expect(fast.tool).toBe(whole.tool)
          if (fast.tool !== undefined && !isConnectTool(fast.tool)) return
          expect(fast.isCount).toBe(whole.isCount)
          if (!fast.isCount && !(fast.tool === undefined && whole.destination === ''))
            expect(fast).toEqual(whole)
        }
      }),
      { numRuns: 3000 },
    )
    expect(scanned).toBeGreaterThan(100)
  })
})

describe('events that say whose they are', () => {
  const ends = (...records: readonly object[]) =>
    readConnects(records.map((each) => JSON.stringify(each)).join('\n')).connects.map(
      ({ source, destination }) => `${source} to ${destination}`,
    )

  it('are told by workload and Service, with their namespaces', () => {
    const { k8s_workload, destination_service, k8s_namespace } = NAMES
    expect(
      ends(
        { ...RECORD, ...NAMES },
        { ...RECORD, k8s_labels: ['app=a'], k8s_workload, destination_service },
        { ...RECORD, k8s_namespace, k8s_unresolved: true },
        RECORD,
      ),
    ).toEqual([
      'shop/checkout to store/cart',
      'checkout to cart',
      'curl to 10.0.0.1:443',
      'curl to 10.0.0.1:443',
    ])
  })

  it.each(Object.keys(NAMES))('cannot be read where %s is no name', (name) => {
    expect(readConnects(JSON.stringify({ ...RECORD, [name]: 7 })).unreadable).toEqual({ [name]: 1 })
    expect(readConnects(JSON.stringify({ ...RECORD, [name]: 'x'.repeat(257) })).unreadable).toEqual({
      [name]: 1,
    })
  })
})

describe('what is no connect', () => {
  const counted = (...records: readonly object[]) =>
    readConnects(records.map((each) => JSON.stringify(each)).join('\n'))

  it('is counted, and nothing else', () => {
    const { counts, unreadable } = counted(
      { ...RECORD, tool: 'execsnoop', args: ['a', 'ö'] },
      { ...RECORD, tool: '', record: 'epoch', state: 'started' },
      { ...RECORD, record: 'ledger', dropped: {} },
      { ...RECORD, tool: 'tcpconnect', connects: 12 },
      { level: 30, msg: 'of another program' },
    )
    expect(counts).toMatchObject({ lines: 5, observations: 0, other: 5 })
    expect(unreadable).toEqual({})
  })

  it.each([
    ['version', { ...RECORD, version: 2 }],
    ['destination', { ...RECORD, destination_address: undefined }],
    ['destination', { ...RECORD, destination_address: 'example' }],
    ['destination', { ...RECORD, destination_port: 65_536 }],
    ['destination', { ...RECORD, destination_port: '443' }],
    ['number', { ...RECORD, latency_us: -1 }],
    ['number', { ...RECORD, latency_us: 1.5 }],
    ['number', { ...RECORD, pid: 2 ** 32 }],
    ['number', { ...RECORD, sample: 0 }],
    ['time', { ...RECORD, time: 'yesterday' }],
    ['time', { ...RECORD, time: 1 }],
    ['time', { ...RECORD, time: '1960-01-01T00:00:00Z' }],
    ['comm', { ...RECORD, comm: 'x'.repeat(257) }],
    ['host', { ...RECORD, host: 7 }],
    ['tool', { ...RECORD, tool: null }],
    ['not_json', '{'],
    ['not_json', `{"a":${'['.repeat(60_000)}`],
  ])('cannot be read, for its %s', (reason, record) => {
    const { counts, unreadable } = readConnects(typeof record === 'string' ? record : JSON.stringify(record))
    expect(unreadable).toEqual({ [reason]: 1 })
    expect(counts.firstUnreadable).toMatchObject({ where: 'line 1', reason })
    expect(counts.firstUnreadable?.text.length).toBeLessThan(130)
  })
})

describe('events without their envelope', () => {
  it('hold the destination that stands last, if there are two', () => {
    const twice = '{"destination_port":80,"destination_address":"10.0.0.1","destination_address":""}'
    expect(readConnects(twice).unreadable).toEqual({ destination: 1 })
  })

  it('are read where they hold a destination; their time is that of arrival', () => {
    const { connects } = readConnects(
      '{"destination_address":"::1","destination_port":80,"latency_us":5}\r\n',
    )
    expect(connects).toMatchObject([
      { timeUs: NOW_US, eventId: '', host: '', destination: '[::1]:80', latencyUs: 5 },
    ])
  })

  it('are read in whatever way JSON may be written', () => {
    const spaced = ` { "destination_port" : 8e1, "tool": "tcp\\u0063onnlat", "destination_address":"10.0.0.1", "comm":"\\u00e9" } `
    expect(readConnects(spaced).connects).toMatchObject([{ comm: 'é', destination: '10.0.0.1:80' }])
  })

  it('have times of other forms too', () => {
    const times = ['2026-11-28T06:55:37.5+02:00', '2026-11-28T04:55:37Z', '2026-11-28t04:55:37.1234567z']
    const lines = times.map((time) => JSON.stringify({ ...RECORD, time })).join('\n')
    const second = Date.UTC(2026, 10, 28, 4, 55, 37) * 1000
    expect(readConnects(lines).connects.map(({ timeUs }) => timeUs - second)).toEqual([500_000, 0, 123_456])
  })
})
