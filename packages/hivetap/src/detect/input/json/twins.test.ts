import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECT } from '../../../../../../test/support/examples.js'
import { NOW_US, readConnects } from '../../../../../../test/support/read-connects.js'
import { countedOnce } from '../../../probes/connects/counted-once.js'
import { tcpconnect } from '../../../probes/tcpconnect/tcpconnect.js'
import { tcpconnlat } from '../../../probes/tcpconnlat/tcpconnlat.js'
import { EventIds, JsonLines } from '../../../sinks/json-lines.js'
import { WallClock } from '../../../sinks/wall-clock.js'
import type { Alert } from '../../alert.js'
import { Detector } from '../../detector.js'
import { detectionSchema, rulesOf } from '../../rules/schema.js'
import { detectReader } from '../detect-reader.js'

const SECOND = 1_000_000
const LATENESS_US = 10 * SECOND
const RECORD = {
  version: 1,
  time: '2026-11-28T04:55:37.123456789Z',
  host: 'n1',
  pid: 42,
  latency_us: 1234,
  comm: 'curl',
  destination_address: '10.0.0.1',
  destination_port: 443,
  outcome: 'connected',
}
const lines = (...more: readonly object[]) =>
  more.map((each) => `${JSON.stringify({ ...RECORD, ...each })}\n`).join('')
const LATENCY = { tool: 'tcpconnlat' }
const PLAIN = { tool: 'tcpconnect' }
const TWIN = { ...PLAIN, counted_by: 'tcpconnlat' }

describe('a connect that two tools tell', () => {
  it.each([
    ['plain', {}],
    ['of characters that are not', { comm: 'é"\\' }],
  ])('is read once, and counted: its name is %s', (_, more) => {
    const { connects, counts } = readConnects(lines({ ...TWIN, ...more }, { ...LATENCY, ...more }))
    expect(connects).toHaveLength(1)
    expect(connects[0]).toMatchObject({ latencyUs: 1234 })
    expect(counts).toMatchObject({ lines: 2, observations: 1, other: 1, twins: 1, untoldTwins: 0 })
  })

  it('is read where no tool is said by which it counts', () => {
    expect(readConnects(lines({ ...PLAIN, counted_by: '' })).connects).toHaveLength(1)
    expect(readConnects(lines({ ...PLAIN, counted_by: 7 })).unreadable).toEqual({ counted_by: 1 })
  })

  it.each([
    ['one host has both', [PLAIN, LATENCY], 1],
    ['each host has one', [PLAIN, { ...LATENCY, host: 'n2' }], 0],
    ['all is told', [TWIN, LATENCY, PLAIN, LATENCY], 0],
    ['it is told later', [PLAIN, LATENCY, TWIN], 0],
    ['it counts by the other', [PLAIN, { ...LATENCY, counted_by: 'tcpconnect' }, LATENCY], 0],
    ['what one has is failures', [{ ...PLAIN, outcome: 'refused' }, LATENCY], 0],
    ['one is of no tool', [PLAIN, {}], 0],
    ['two hosts have both', [PLAIN, { ...PLAIN, host: 'n2' }, { ...LATENCY, host: 'n2' }, LATENCY], 2],
  ])('cannot be told where nothing says so: %s', (_, records, hosts) => {
    expect(readConnects(lines(...records)).counts.untoldTwins).toBe(hosts)
  })

  it('counts once in a trace’s table, which begins with the header of each tool', () => {
    const table = [
      'TIME     tcpconnlat PID    COMM         IP SADDR            DADDR            DPORT LAT(ms)',
      'TIME     tcpconnect PID    COMM             IP SADDR            DADDR            DPORT',
      '10:05:59 tcpconnect 228    curl             4  127.0.0.1        127.0.0.1        33709',
      '10:05:59 tcpconnlat 228    curl         4  127.0.0.1        127.0.0.1        33709 384.14',
    ]
    const { connects, counts } = readConnects(`${table.join('\n')}\n`)
    expect(connects.map(({ latencyUs }) => latencyUs)).toEqual([384_140])
    expect(counts.twins).toBe(1)
    // Of the one tool alone each counts.
    expect(readConnects(`${table.slice(1, 3).join('\n')}\n`).connects).toHaveLength(1)
  })
})

/** What is found in lines. */
function found(all: readonly string[]): readonly Alert[] {
  const detection = detectionSchema.parse({
    rules: [
      { kind: 'over', over: '50ms', window: '10s', by: ['destination'] },
      { kind: 'failures', by: ['host'], window: '10s', min_bad: 2, min_connects: 4, ratio: 0.3 },
    ],
  })
  const rules = rulesOf(detection)
  const detector = new Detector({ rules, latenessUs: LATENESS_US, maxKeys: 1000 })
  const reader = detectReader({ take: (one) => detector.take(one), nowUs: () => NOW_US })
  for (const line of all) reader.take(Buffer.from(line))
  reader.end()
  detector.finish()
  expect(detector.late).toBe(0)
  return detector.takeAlerts()
}

describe('what is found', () => {
  it('is what one tool’s events alone would tell, in whichever order both come', () => {
    const connect = fc.record({
      atMs: fc.nat(60_000),
      latencyUs: fc.constantFrom(500, 49_999, 50_000, 90_000),
      outcome: fc.constantFrom<'connected' | 'refused'>('connected', 'refused'),
      failed: fc.boolean(),
      /** Nanoseconds that the second of two programs is behind the first: also in another window. */
      behind: fc.integer({ min: -2000, max: 2000 }),
      shift: fc.nat(9_000),
      twinShift: fc.nat(9_000),
    })
    fc.assert(
      fc.property(fc.array(connect, { maxLength: 60 }), fc.boolean(), (connects, failed) => {
        const ids = new EventIds()
        const clock = new WallClock({ monotonicNs: () => 0n, realtimeNs: () => BigInt(NOW_US) * 1000n })
        const options = { missing: new Map(), clock, ids, host: 'n1' }
        const [ofLatency, ofConnect] = countedOnce([
          { tool: tcpconnlat, options: { failed } },
          { tool: tcpconnect, options: {} },
        ])
        const latency = new JsonLines(tcpconnlat, { ...options, countedBy: ofLatency })
        const plain = new JsonLines(tcpconnect, { ...options, countedBy: ofConnect })
        const alone = new JsonLines(tcpconnlat, options)
        const both: { readonly atMs: number; readonly line: string }[] = []
        const expected: { readonly atMs: number; readonly line: string }[] = []
        for (const { atMs, outcome, latencyUs, behind, shift, twinShift } of connects) {
          const event = { ...CONNECT, timeNs: atMs * 1e6 - 3.6e12, outcome, latencyUs }
          const twin = { ...event, timeNs: event.timeNs + behind }
          const isTold = outcome === 'connected' || failed
          if (isTold) both.push({ atMs: atMs + shift, line: latency.line(event) })
          both.push({ atMs: atMs + twinShift, line: plain.line(twin) })
          expected.push({ atMs, line: alone.line(isTold ? event : twin) })
        }
        const inOrder = (some: typeof both) =>
          [...some].sort((a, b) => a.atMs - b.atMs).map(({ line }) => line)
        const plainOf = (alerts: readonly Alert[]) =>
          alerts.map(({ examples, alert_id: _, ...rest }) => ({
            ...rest,
            examples: examples.map(({ event_id: __, ...one }) => one),
          }))
        expect(plainOf(found(inOrder(both)))).toEqual(plainOf(found(inOrder(expected))))
      }),
    )
  })
})
