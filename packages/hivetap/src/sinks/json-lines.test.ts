import { hostname } from 'node:os'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOTHING } from '../../../../test/support/examples.js'
import type { ConnectEvent } from '../probes/tcpconnlat/tcpconnlat.bpf.js'
import { connectEventFields, outcomeLabels } from '../probes/tcpconnlat/tcpconnlat.bpf.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import type { Field } from '../probes/tool.js'
import { JsonLines } from './json-lines.js'
import { WallClock } from './wall-clock.js'

/** A wall clock on which CLOCK_MONOTONIC began in 2001, at 10^9 s since 1970. */
const CLOCK = new WallClock({ monotonicNs: () => 0n, realtimeNs: () => 10n ** 18n })

const NOTHING_MISSING: ReadonlyMap<string, string> = new Map()

type Parsed = Readonly<Record<string, unknown>>

interface Numbered {
  readonly at: number
  readonly value: string | number | boolean | undefined
}

/** A format of one field. */
function linesOf(value: Field<Numbered>['value'] = (event) => event.value): JsonLines<Numbered> {
  return new JsonLines<Numbered>(
    {
      name: 'numbers',
      fields: [{ name: 'value', doc: '', type: 'number', value }],
      timeNs: (event) => event.at,
    },
    { missing: NOTHING_MISSING, clock: CLOCK },
  )
}

const sequenceOf = (line: string): number =>
  Number(/-(\d+)$/.exec(String((JSON.parse(line) as Parsed)['event_id']))?.[1])

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const u53 = fc.maxSafeNat()
const connect: fc.Arbitrary<ConnectEvent> = fc.record({
  timeNs: u53,
  toolIndex: fc.constant(0),
  latencyUs: u53,
  cgroupId: u53,
  cgroupKey: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  processStartNs: u53,
  argumentsAt: u53,
  comm: fc.string({ unit: 'binary', maxLength: 16 }),
  sourceAddress: fc.ipV4(),
  destinationAddress: fc.ipV6(),
  pid: u32,
  tid: u32,
  uid: u32,
  netns: fc.oneof(fc.constant(0), u32),
  srttUs: fc.oneof(fc.constant(0), u32),
  retransmits: u32,
  sourcePort: fc.integer({ min: 0, max: 65535 }),
  destinationPort: fc.integer({ min: 0, max: 65535 }),
  errorCode: fc.constantFrom(0, 104, 111, 110),
  ipVersion: fc.constantFrom(4, 6),
  outcome: fc.constantFrom(...outcomeLabels),
  fastOpen: fc.boolean(),
})

describe('JsonLines', () => {
  it('gives ten thousand random events back', () => {
    const format = new JsonLines<ConnectEvent>(tcpconnlat, { missing: NOTHING_MISSING, clock: CLOCK })
    const wrong: unknown[] = []
    for (const [index, event] of fc.sample(connect, 10_000).entries()) {
      const line = format.line(event)
      const parsed = JSON.parse(line) as Parsed
      if (!line.endsWith('}\n') || sequenceOf(line) !== index) wrong.push(line)
      for (const { name, property, optional } of connectEventFields) {
        const absent =
          ['timeNs', 'toolIndex', 'cgroupKey', 'processStartNs', 'argumentsAt'].includes(property) ||
          (optional && event[property] === 0)
        if (parsed[name] !== (absent ? undefined : event[property])) wrong.push({ name, event, line })
      }
    }
    expect(wrong).toEqual([])
  })

  it('has an event a line, whatever the texts in it', () => {
    const format = linesOf()
    const text = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(text, (value) => {
        const line = format.line({ at: 0, value })
        expect(line.indexOf('\n')).toBe(line.length - 1)
        expect((JSON.parse(line) as Parsed)['value']).toBe(value)
      }),
    )
  })

  it('begins with the envelope, and goes on with the fields in their order', () => {
    const event: ConnectEvent = {
      timeNs: 1_500_000_000,
      toolIndex: 0,
      latencyUs: 250,
      cgroupId: 7,
      cgroupKey: 7n,
      processStartNs: 8,
      argumentsAt: 9,
      comm: 'curl',
      sourceAddress: '10.0.0.1',
      destinationAddress: '10.0.0.2',
      pid: 100,
      tid: 101,
      uid: 1000,
      netns: 4026531840,
      srttUs: 200,
      retransmits: 1,
      sourcePort: 40000,
      destinationPort: 443,
      errorCode: 111,
      ipVersion: 4,
      outcome: 'stuck',
      fastOpen: true,
    }
    const line = new JsonLines<ConnectEvent>(tcpconnlat, { missing: NOTHING_MISSING, clock: CLOCK }).line(
      event,
    )
    const uuid = /"event_id":"([0-9a-f-]{36})-0"/.exec(line)?.[1]
    // Consumers read it by name; people, and diffs, in this order.
    expect(line).toBe(
      `{"version":1,"event_id":"${uuid}-0","time":"2001-09-09T01:46:41.500000000Z","host":"${hostname()}",` +
        '"tool":"tcpconnlat","pid":100,"latency_us":250,"cgroup_id":7,"comm":"curl","source_address":"10.0.0.1",' +
        '"destination_address":"10.0.0.2","tid":101,"uid":1000,"netns":4026531840,"srtt_us":200,' +
        '"retransmits":1,"source_port":40000,"destination_port":443,"error_code":111,"error":"ECONNREFUSED",' +
        '"ip_version":4,"outcome":"stuck","cause":"syn_loss","fast_open":true}\n',
    )
  })

  it('tells the account as a record of its own, with a name of its own', () => {
    const format = linesOf()
    const balance = { ...NOTHING, produced: 3, delivered: 1, dropped: new Map([['buffer_full', 2]] as const) }
    format.line({ at: 0, value: 1 })
    const line = format.account({ tool: 'numbers', balance, ended: true })
    expect(line.endsWith('}\n')).toBe(true)
    expect(sequenceOf(line)).toBe(1)
    expect(JSON.parse(line)).toMatchObject({
      time: '2001-09-09T01:46:40.000000000Z',
      tool: 'numbers',
      record: 'ledger',
      ended: true,
      produced: 3,
      dropped: { buffer_full: 2 },
    })
    expect(sequenceOf(format.line({ at: 0, value: 1 }))).toBe(2)
  })

  it('says of how many each event was picked, and writes lists of texts', () => {
    const format = new JsonLines<{ words: readonly string[] }>(
      {
        name: 'words',
        fields: [{ name: 'words', doc: '', type: 'strings', value: ({ words }) => words }],
        timeNs: () => 0,
      },
      { missing: NOTHING_MISSING, sample: 10, clock: CLOCK },
    )
    const words = ['a', '', 'b"\u0007\u202e', '\ud83d\udc1d']
    const line = format.line({ words })
    expect(JSON.parse(line)).toMatchObject({ sample: 10, words })
    // Nothing that a terminal would act on.
    expect(line).not.toMatch(/[\u0007\u202e]/)
  })

  it('leaves out what an event does not have, and what nothing can tell here', () => {
    const fields: Field<Numbered>[] = ['a', 'b', 'c'].map((name) => ({
      name,
      doc: '',
      type: 'number',
      value: (event) => event.value,
    }))
    const tool = { name: 'numbers', fields, timeNs: () => 0 }
    const format = new JsonLines<Numbered>(tool, {
      missing: new Map([['b', 'a kernel with BTF']]),
      clock: CLOCK,
    })
    const names = (value: Numbered['value']) =>
      Object.keys(JSON.parse(format.line({ at: 0, value })) as Parsed)
    expect(names(undefined)).toEqual(['version', 'event_id', 'time', 'host', 'tool'])
    expect(names(false)).toEqual(['version', 'event_id', 'time', 'host', 'tool', 'a', 'c'])
    expect(names(0)).toEqual(['version', 'event_id', 'time', 'host', 'tool', 'a', 'c'])
    expect(names('')).toEqual(['version', 'event_id', 'time', 'host', 'tool', 'a', 'c'])
  })

  it('counts without holes, also where a line could not be made', () => {
    const format = linesOf((event) => {
      if (event.value === 'bad') throw new Error('no value')
      return event.value
    })
    fc.assert(
      fc.property(fc.array(fc.constantFrom('good', 'bad')), (values) => {
        const start = sequenceOf(format.line({ at: 0, value: 'good' }))
        const made: number[] = []
        for (const value of values) {
          if (value === 'bad') expect(() => format.line({ at: 0, value })).toThrow('no value')
          else made.push(sequenceOf(format.line({ at: 0, value })))
        }
        expect(made).toEqual(made.map((_, index) => start + 1 + index))
      }),
    )
  })

  it('has a unique beginning of its numbers each time', () => {
    const ids = Array.from(
      { length: 100 },
      () => /"event_id":"([^"]+)"/.exec(linesOf().line({ at: 0, value: 1 }))?.[1],
    )
    expect(new Set(ids).size).toBe(100)
  })

  it('tells times by the wall clock as it is at the beginning of their batch', () => {
    let realtime = 10n ** 18n
    const clock = new WallClock({ monotonicNs: () => 0n, realtimeNs: () => realtime })
    const tool = { name: 'numbers', fields: [], timeNs: () => 0 }
    const format = new JsonLines<Numbered>(tool, { missing: NOTHING_MISSING, clock })
    const time = () => (JSON.parse(format.line({ at: 0, value: 0 })) as Parsed)['time']
    realtime += 60n * 10n ** 9n
    expect(time()).toBe('2001-09-09T01:46:40.000000000Z')
    format.beginBatch()
    expect(time()).toBe('2001-09-09T01:47:40.000000000Z')
  })
})
