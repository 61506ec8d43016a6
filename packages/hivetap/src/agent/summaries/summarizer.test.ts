import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Detector } from '../../detect/detector.js'
import { detectReader } from '../../detect/input/detect-reader.js'
import { emptyObservation, OUTCOMES } from '../../detect/observation.js'
import { detectionSchema, rulesOf } from '../../detect/rules/schema.js'
import { CAUSES } from '../../probes/connects/cause.js'
import { EventIds } from '../../sinks/json-lines.js'
import type { SummariesConfig } from '../agent.js'
import type { ConnectFacts } from './connect-facts.js'
import { type DueSummary, Summarizer } from './summarizer.js'
import { summaryLine } from './summary-line.js'

const CONFIG: SummariesConfig = {
  tools: ['tcpconnlat'],
  everyMs: 10_000,
  delayMs: 1000,
  keepOverMs: 1000,
  keepFailed: true,
  maxKeys: 100,
  examples: 3,
}
const SECOND = 1_000_000
const START = 1_700_000_000 * SECOND
const FACTS: ConnectFacts = {
  comm: 'curl',
  address: '10.0.0.1',
  port: 443,
  pid: 7,
  latencyUs: 1000,
  outcome: 'connected',
  cause: 'network',
  retransmits: 0,
}

/** What of each summary is to be looked at; they are read while they are given. */
function told(due: Iterable<DueSummary>) {
  const all = []
  for (const { startUs, endUs, tally } of due)
    all.push({
      from: (startUs - START) / SECOND,
      to: (endUs - START) / SECOND,
      key: tally.key,
      fields: tally.fields(),
    })
  return all
}

function take(summarizer: Summarizer, atS: number, facts: Partial<ConnectFacts> = {}): void {
  summarizer.take({ tool: 0 }, { ...FACTS, ...facts }, undefined, START + Math.round(atS * SECOND))
}

describe('windows', () => {
  it('end once the newest event is as far behind them as is waited', () => {
    const summarizer = new Summarizer(CONFIG)
    const now = START + 1000 * SECOND
    take(summarizer, 3)
    take(summarizer, 9.5)
    expect(told(summarizer.due(now))).toEqual([])
    take(summarizer, 10.9)
    expect(told(summarizer.due(now))).toEqual([])
    take(summarizer, 11)
    const [one, ...more] = told(summarizer.due(now))
    expect(more).toEqual([])
    expect(one).toMatchObject({ from: 0, to: 10, fields: { events: 2 } })
    expect(summarizer.held).toBe(2)
  })

  it('end by the clock where nothing comes', () => {
    const summarizer = new Summarizer(CONFIG)
    take(summarizer, 3)
    expect(told(summarizer.due(START + 4 * SECOND))).toEqual([])
    expect(told(summarizer.due(START + 10.9 * SECOND))).toEqual([])
    expect(told(summarizer.due(START + 11 * SECOND))).toHaveLength(1)
    expect([summarizer.held, summarizer.keys]).toEqual([0, 0])
  })

  it('are told of once more where something comes late', () => {
    const summarizer = new Summarizer(CONFIG)
    take(summarizer, 3)
    expect(told(summarizer.due(START + 30 * SECOND))).toEqual([])
    expect(told(summarizer.due(START + 30 * SECOND))).toHaveLength(1)
    take(summarizer, 4)
    take(summarizer, 28)
    expect(told(summarizer.due(START + 30 * SECOND))).toMatchObject([{ from: 0, fields: { events: 1 } }])
  })

  it('do not wait for an event whose clock is ahead', () => {
    const summarizer = new Summarizer(CONFIG)
    take(summarizer, 3)
    take(summarizer, 100_000)
    expect(told(summarizer.due(START + 12 * SECOND))).toMatchObject([{ from: 0 }])
    expect(told(summarizer.rest())).toMatchObject([{ from: 100_000 }])
  })
})

describe('what is told by itself', () => {
  it('is slow, failed or stuck', () => {
    const summarizer = new Summarizer(CONFIG)
    expect(summarizer.isKept(FACTS)).toBe(false)
    expect(summarizer.isKept({ ...FACTS, latencyUs: 999_999 })).toBe(false)
    expect(summarizer.isKept({ ...FACTS, latencyUs: 1_000_000 })).toBe(true)
    expect(summarizer.isKept({ ...FACTS, outcome: 'refused' })).toBe(true)
    expect(summarizer.isKept({ ...FACTS, outcome: 'stuck' })).toBe(true)
    const all = new Summarizer({ ...CONFIG, keepFailed: false })
    expect(all.isKept({ ...FACTS, outcome: 'refused' })).toBe(false)
    expect(all.isKept({ ...FACTS, outcome: 'stuck' })).toBe(true)
  })
})

describe('a summary', () => {
  it('says how many, how long, and shows the slowest', () => {
    const summarizer = new Summarizer({ ...CONFIG, keepFailed: false })
    for (const latencyUs of [100, 900, 300, 700, 500]) take(summarizer, latencyUs / 1000, { latencyUs })
    take(summarizer, 2, { latencyUs: 50, outcome: 'refused', cause: 'unknown', retransmits: 2 })
    const [{ fields, key } = {}] = told(summarizer.rest())
    expect(key).toEqual({ comm: 'curl', destination_address: '10.0.0.1', destination_port: 443 })
    expect(fields).toMatchObject({
      events: 6,
      outcomes: { connected: 5, refused: 1 },
      causes: { network: 5 },
      retransmitted: 1,
      latency_sum_us: 2550,
      latency_min_us: 50,
      latency_max_us: 900,
      examples: [{ latency_us: 900 }, { latency_us: 700 }, { latency_us: 500 }],
    })
  })

  it('has a key of its own for as many as there is room; the rest is counted in one', () => {
    const summarizer = new Summarizer({ ...CONFIG, maxKeys: 2 })
    for (let port = 0; port < 50; port++) take(summarizer, 1, { port })
    take(summarizer, 1, { port: 1 })
    const all = told(summarizer.rest())
    expect(all.map(({ key, fields }) => [key?.['destination_port'], fields['events']])).toEqual([
      [0, 1],
      [1, 2],
      [undefined, 48],
    ])
    expect(summarizer.share.counts).toEqual({ events: 51, other: 48, recentShare: 48 / 51 })
    take(summarizer, 1, { port: 49 })
    expect(told(summarizer.rest())[0]?.key).toMatchObject({ destination_port: 49 })
  })
})

const connect = fc.record({
  atS: fc.double({ min: 0, max: 119, noNaN: true }),
  comm: fc.constantFrom('a', 'b'),
  port: fc.constantFrom(1, 2),
  latencyUs: fc.integer({ min: -1, max: 3_000_000 }),
  outcome: fc.constantFrom(...OUTCOMES.filter((outcome) => outcome !== 'stuck')),
  cause: fc.constantFrom(...CAUSES),
})

/** Of everything that a rule may look at. */
const RULES = rulesOf(
  detectionSchema.parse({
    rules: [
      { kind: 'failures', min_connects: 1, min_bad: 1, window: '30s' },
      { kind: 'over', name: 'all', over: '1ms', window: '60s' },
      { kind: 'baseline', window: '20s', min_history: 3, min_connects: 1, floor: '1ms', chance: 0.9 },
    ],
  }),
)

function alertsOf(give: (detector: Detector) => void) {
  const explained: unknown[] = []
  const detector = new Detector({
    rules: RULES,
    latenessUs: 600 * SECOND,
    maxKeys: 1000,
    explain: ({ rule, key, windowStartUs, judgement }) =>
      explained.push([rule, JSON.stringify(key), windowStartUs, judgement.connects, judgement.verdict]),
  })
  give(detector)
  detector.finish()
  const alerts = detector.takeAlerts().map(({ examples: _, summary: __, bad: ___, ...alert }) => alert)
  return { alerts, explained: explained.map(String).sort(), observed: detector.observed }
}

describe('summaries of a fleet', () => {
  it('add up in any order, with copies, to what the events are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(connect, fc.nat(2)), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat(1000)),
        (connects, order) => {
          const config = { ...CONFIG, keepFailed: false, keepOverMs: 3_600_000 }
          const nodes = [0, 1, 2].map(() => ({ summarizer: new Summarizer(config), ids: new EventIds() }))
          for (const [{ atS, ...facts }, node] of connects)
            if (nodes[node] !== undefined) take(nodes[node].summarizer, atS, facts)
          const lines: string[] = []
          for (const [index, { summarizer, ids }] of nodes.entries())
            for (const summary of summarizer.rest())
              lines.push(summaryLine(summary, { ids, host: `n${index}`, tool: 'tcpconnlat' }))
          const shuffled = [...lines, ...lines.slice(0, 3)]
            .map((line) => ({ line, at: order.next().value as number }))
            .sort((a, b) => a.at - b.at)
          const bySummaries = alertsOf((detector) => {
            const reader = detectReader({ take: (one) => detector.take(one), nowUs: () => START * 2 })
            for (const { line } of shuffled) reader.take(Buffer.from(line))
            reader.end()
            expect(reader.counts.unreadable).toEqual(new Map())
          })
          const byEvents = alertsOf((detector) => {
            for (const [{ atS, comm, port, latencyUs, outcome, cause }, node] of connects)
              detector.take({
                ...emptyObservation(),
                timeUs: START + Math.round(atS * SECOND),
                host: `n${node}`,
                comm,
                source: comm,
                destination: `10.0.0.1:${port}`,
                latencyUs,
                outcome,
                cause,
              })
          })
          expect(bySummaries.observed).toBe(connects.length)
          expect(bySummaries).toEqual(byEvents)
        },
      ),
      { numRuns: 25 },
    )
  })
})
