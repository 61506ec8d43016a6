import { describe, expect, it } from 'vitest'
import { Random } from '../../packages/hivetap/dist/simulation/random.js'
import type { SummariesConfig } from '../../packages/hivetap/src/agent/agent.js'
import type { ConnectFacts } from '../../packages/hivetap/src/agent/summaries/connect-facts.js'
import { Summarizer } from '../../packages/hivetap/src/agent/summaries/summarizer.js'
import { summaryLine } from '../../packages/hivetap/src/agent/summaries/summary-line.js'
import type { Alert } from '../../packages/hivetap/src/detect/alert.js'
import { Detector } from '../../packages/hivetap/src/detect/detector.js'
import { detectReader } from '../../packages/hivetap/src/detect/input/detect-reader.js'
import type { Observation } from '../../packages/hivetap/src/detect/observation.js'
import { detectionSchema, rulesOf } from '../../packages/hivetap/src/detect/rules/schema.js'
import { timeOfUs } from '../../packages/hivetap/src/detect/time/time-text.js'
import { EventIds } from '../../packages/hivetap/src/sinks/json-lines.js'
import { faultOf, KINDS } from './faults.mjs'
import { connectsOf } from './fleet.mjs'

const SUMMARIES: SummariesConfig = {
  tools: ['tcpconnlat'],
  everyMs: 60_000,
  delayMs: 1000,
  keepOverMs: 1000,
  keepFailed: true,
  maxKeys: 10_000,
  examples: 3,
}
const START_US = Date.UTC(2026, 0, 5) * 1000
const MINUTES = 80
/** Time to learn what is usual, then a fault of each kind. */
const FIRST_MINUTES = 16
const APART_MINUTES = 9

/** Of the labelled fleet: what is usual, and faults of all kinds. */
function fleetOf(): readonly Observation[] {
  const random = new Random(1)
  const faults = KINDS.flatMap(
    ({ kind }, index) => faultOf(kind, FIRST_MINUTES + APART_MINUTES * index, 5, random).changes,
  )
  const connects = connectsOf({ seed: 1, startUs: START_US, minutes: MINUTES, changes: faults })
  return [...connects].map((one) => ({ ...one }))
}

function newDetector(more: object = {}): Detector {
  const detection = detectionSchema.parse(more)
  const latenessUs = detection.lateness * 1000
  return new Detector({ rules: rulesOf(detection), latenessUs, maxKeys: detection.max_keys })
}

/** An agent of one node: gives the lines that it would deliver, each when it would. */
class Node {
  readonly #host: string
  readonly #summarizer: Summarizer
  readonly #ids = new EventIds()
  events = 0
  records = 0

  constructor(host: string, config: SummariesConfig) {
    this.#host = host
    this.#summarizer = new Summarizer(config)
  }

  *take(one: Observation): Generator<string> {
    this.events++
    const facts = factsOf(one)
    if (this.#summarizer.isKept(facts)) {
      this.records++
      yield this.#event(one)
    } else this.#summarizer.take({ tool: 0 }, facts, undefined, one.timeUs)
    yield* this.#lines(this.#summarizer.due(one.timeUs))
  }

  *end(): Generator<string> {
    yield* this.#lines(this.#summarizer.rest())
  }

  *#lines(due: ReturnType<Summarizer['rest']>): Generator<string> {
    const options = { ids: this.#ids, host: this.#host, tool: 'tcpconnlat' }
    for (const summary of due) {
      this.records++
      yield summaryLine(summary, options)
    }
  }

  #event({ timeUs, comm, pid, latencyUs, outcome, cause, destination }: Observation): string {
    const [address, port] = destination.split(':')
    const envelope = { version: 1, event_id: this.#ids.next, time: timeOfUs(timeUs), host: this.#host }
    const whose = {
      tool: 'tcpconnlat',
      pid,
      comm,
      destination_address: address,
      destination_port: Number(port),
    }
    this.#ids.use()
    return `${JSON.stringify({ ...envelope, ...whose, latency_us: latencyUs, outcome, cause })}\n`
  }
}

function factsOf({ comm, pid, latencyUs, outcome, cause, destination }: Observation): ConnectFacts {
  const [address = '', port] = destination.split(':')
  return { comm, address, port: Number(port), pid, latencyUs, outcome, cause, retransmits: 0 }
}

/** What is found in the lines of the fleet's agents. */
function alertsOfLines(fleet: readonly Observation[], config: SummariesConfig, more: object = {}) {
  const detector = newDetector(more)
  const reader = detectReader({ take: (one) => detector.take(one), nowUs: () => START_US * 2 })
  const nodes = new Map<string, Node>()
  const read = (lines: Iterable<string>) => {
    for (const line of lines) reader.take(Buffer.from(line))
  }
  for (const one of fleet) {
    const node = nodes.get(one.host) ?? new Node(one.host, config)
    nodes.set(one.host, node)
    read(node.take(one))
  }
  for (const node of nodes.values()) read(node.end())
  reader.end()
  detector.finish()
  const sum = (of: (node: Node) => number) => [...nodes.values()].reduce((all, node) => all + of(node), 0)
  return {
    alerts: detector.takeAlerts(),
    detector,
    counts: reader.counts,
    events: sum(({ events }) => events),
    records: sum(({ records }) => records),
  }
}

function alertsOfEvents(fleet: readonly Observation[], more: object = {}) {
  const detector = newDetector(more)
  for (const one of fleet) detector.take(one)
  detector.finish()
  return detector.takeAlerts()
}

/** An example in a summary has the summary's id, and none of its own. */
function withoutIds(alerts: readonly Alert[]) {
  return alerts.map((alert) => ({
    ...alert,
    examples: alert.examples.map(({ event_id: _, ...example }) => example),
  }))
}

describe('detection by summaries', { timeout: 60_000 }, () => {
  const fleet = fleetOf()
  const byEvents = alertsOfEvents(fleet)

  it('tells of a labelled fleet what it tells by the events, to the letter', () => {
    const { alerts, detector, counts, events, records } = alertsOfLines(fleet, SUMMARIES)
    expect(counts.unreadable).toEqual(new Map())
    expect(detector.late).toBe(0)
    expect(detector.observed).toBe(events)
    // That many connects of so few destinations are told in fewer records.
    expect(records).toBeLessThan(events)
    expect(byEvents.length).toBeGreaterThan(10)
    expect(withoutIds(alerts)).toEqual(withoutIds(byEvents))
  })

  it('finds the same where failed and slow connects are in the summaries too', () => {
    const { alerts } = alertsOfLines(fleet, { ...SUMMARIES, keepFailed: false, keepOverMs: 3_600_000 })
    const figures = (of: readonly Alert[]) => of.map(({ examples: _, ...alert }) => alert)
    expect(figures(alerts)).toEqual(figures(byEvents))
  })

  it('finds by a limit what the events show, within the error of a sketch', () => {
    const more = { rules: [{ kind: 'over', over: '100ms', window: '60s' }] }
    const { alerts } = alertsOfLines(fleet, SUMMARIES, more)
    const byLimit = alertsOfEvents(fleet, more)
    const about = (of: readonly Alert[]) => of.map(({ alert_id, state }) => `${state} ${alert_id}`)
    expect(about(alerts)).toEqual(about(byLimit))
    for (const [index, alert] of alerts.entries()) {
      const other = byLimit[index] as Alert
      expect([alert.connects, alert.observed]).toEqual([other.connects, other.observed])
      // A bin on the limit counts as a whole.
      expect(Math.abs(alert.bad - other.bad)).toBeLessThanOrEqual(Math.max(2, other.bad * 0.02))
    }
  })
})
