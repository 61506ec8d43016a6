import { describe, expect, it } from 'vitest'
import type { SummariesConfig } from '../agent/agent.js'
import { Accountant } from '../audit/accountant.js'
import { type Audit, auditOf } from '../audit/audit.js'
import { sizeOf } from '../audit/range.js'
import { detectReader } from '../detect/input/detect-reader.js'
import type { Observation } from '../detect/observation.js'
import { binOf } from '../detect/sketch/bins.js'
import { eachPart } from '../detect/summary/each-part.js'
import type { EpochTruth, FleetOptions } from './fleet-options.js'
import { simulateFleet } from './simulate-fleet.js'

const SUMMARIES: SummariesConfig = {
  tools: ['tcpconnlat', 'tcpconnect'],
  everyMs: 10_000,
  delayMs: 1000,
  keepOverMs: 90,
  keepFailed: true,
  maxKeys: 10_000,
  examples: 3,
}

/** What of an epoch's truth a topic tells. */
type Told = Omit<EpochTruth, 'made'>

/** The audit of a fleet, and the truth. */
function audited(options: Partial<FleetOptions>): { found: Audit; truth: readonly EpochTruth[] } {
  const accountant = new Accountant({ graceMs: 180_000, limits: { contents: 2 ** 12 } })
  const { batches, truth } = simulateFleet(options)
  for (const { lines } of batches) for (const line of lines) accountant.take(Buffer.from(line), () => line)
  return { found: auditOf(accountant, {}), truth }
}

/** What an audit found, in the truth's words. */
function told(found: Audit): readonly Told[] {
  return found.epochs.map(({ node, epoch, stream, duplicates, kernel }) => ({
    node,
    epoch,
    state: stream.state as EpochTruth['state'],
    produced: stream.produced,
    received: stream.received,
    events: stream.events,
    duplicates,
    lost: Object.fromEntries(stream.lost.map(({ reason, count }) => [reason, count])),
    missing: sizeOf(stream.missing),
    ...summariesIn(kernel.summaries),
    tools: Object.fromEntries(
      kernel.tools.map(({ said }) => [
        said.tool,
        { produced: said.produced - said.inFlight, delivered: said.delivered },
      ]),
    ),
  }))
}

const byEpoch = (truth: readonly Told[]) => [...truth].sort((a, b) => (a.epoch < b.epoch ? -1 : 1))

/** The same without what no record says. */
const tellable = (truth: readonly EpochTruth[]): readonly Told[] =>
  truth.map(({ made: _, summaries, ...told }) => ({ ...told, ...summariesIn(summaries) }))

/** An account that knows of no summary says nothing of them. */
function summariesIn(summaries: EpochTruth['summaries']): Pick<EpochTruth, 'summaries'> {
  return summaries === undefined || summaries.summaries === 0 ? {} : { summaries }
}

/** How many connects of each kind hivetap's own reader finds in what a fleet sends, and how many records tell of them. */
function counted(options: Partial<FleetOptions>) {
  const counts = new Map<string, number>()
  let records = 0
  const add = ({ host, comm, destination, outcome, cause, latencyUs, weight }: Observation, of: number) => {
    const bin = latencyUs < 0 ? '' : binOf(latencyUs)
    const kind = [host, comm, destination, outcome, cause, bin].join(' ')
    counts.set(kind, (counts.get(kind) ?? 0) + of * weight)
  }
  const take = (one: Observation) => {
    records++
    if (one.summary === undefined) add(one, 1)
    else eachPart(one, one.summary, (part) => add(part, 1))
  }
  const reader = detectReader({ take, nowUs: () => 0 })
  for (const { lines } of simulateFleet(options).batches)
    for (const line of lines) reader.take(Buffer.from(line))
  reader.end()
  return { counts: [...counts].sort(), records, unreadable: reader.counts.unreadable }
}

describe('simulateFleet', { timeout: 60_000 }, () => {
  it.each([
    ['nothing goes wrong', {}, 'proven'],
    ['batches are sent again', { duplicates: 0.2 }, 'proven'],
    ['batches overtake each other', { reorder: 0.3 }, 'proven'],
    ['losses are declared', { declaredLosses: 0.2 }, 'proven'],
    ['losses are not declared', { holes: 0.1 }, 'missing'],
    ['runs are killed', { cut: 0.7, epochs: 5 }, 'without_account'],
    [
      'everything at once',
      { duplicates: 0.2, reorder: 0.3, declaredLosses: 0.2, holes: 0.1, cut: 0.5, epochs: 4 },
      'missing',
    ],
  ] as const)('%s: the audit finds what is true, also of nodes that send summaries', (_, faults, verdict) => {
    for (let seed = 1; seed <= 3; seed++)
      for (const summaries of [undefined, SUMMARIES]) {
        const { found, truth } = audited({
          ...faults,
          seed,
          nodes: 3,
          events: 250,
          destinations: 3,
          summaries,
        })
        expect(byEpoch(told(found))).toEqual(byEpoch(tellable(truth)))
        expect(found.verdict).toBe(verdict)
        expect(found.epochs.flatMap(({ contradictions }) => contradictions)).toEqual([])
        expect(truth.some((one) => (one.summaries?.summarised ?? 0) > 0)).toBe(summaries !== undefined)
      }
  })

  it('tells the same connects in fewer records where nodes send summaries', () => {
    const options = { seed: 5, nodes: 2, epochs: 1, events: 3000, destinations: 1 }
    const [plain, summed] = [counted(options), counted({ ...options, summaries: SUMMARIES })]
    expect([plain.unreadable, summed.unreadable]).toEqual([new Map(), new Map()])
    expect(summed.counts).toEqual(plain.counts)
    expect(summed.records).toBeLessThan(plain.records)
  })

  it('makes the same happen to a fleet, whatever goes wrong on the way and however it is told', () => {
    const madeIn = (more: Partial<FleetOptions>) => {
      const { batches, truth } = simulateFleet({ seed: 3, cut: 0.5, epochs: 4, ...more })
      for (const _ of batches) {
        // Told once all its batches were taken.
      }
      return truth.map(({ node, epoch, state, made }) => ({ node, epoch, state, made }))
    }
    const plain = madeIn({})
    expect(madeIn({ summaries: SUMMARIES })).toEqual(plain)
    expect(madeIn({ summaries: SUMMARIES, holes: 0.2, declaredLosses: 0.2, duplicates: 0.2 })).toEqual(plain)
  })

  it('is the same for the same seed, and another for another', () => {
    const text = (seed: number) =>
      [...simulateFleet({ seed, events: 50 }).batches].flatMap(({ lines }) => lines).join('')
    expect(text(7)).toBe(text(7))
    expect(text(7)).not.toBe(text(8))
  })
})
