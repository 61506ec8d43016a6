import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Accountant } from './accountant.js'
import { type Audit, auditOf } from './audit.js'
import { auditText } from './audit-text.js'

const EPOCH = '00000000-0000-4000-8000-000000000001'
const START_MS = Date.parse('2026-11-28T04:00:00Z')

type Fields = Readonly<Record<string, unknown>>

function record(sequence: number | string, fields: Fields): Buffer {
  const time = new Date(START_MS + 1000).toISOString().replace('Z', '000000Z')
  const head = { version: 1, event_id: `${EPOCH}-${sequence}`, time, host: 'node-1', tool: 'tcpconnlat' }
  return Buffer.from(JSON.stringify({ ...head, ...fields }))
}
const event = (sequence: number) => record(sequence, {})
const summary = (sequence: number, events: number) => record(sequence, { record: 'summary', events })
const state = (sequence: number, told: Fields, name = 'ended') =>
  record(sequence, {
    tool: '',
    record: 'epoch',
    state: name,
    epoch: EPOCH,
    sequences: sequence + 1,
    ...told,
  })
const ledger = (sequence: number, delivered: number, summarised: number) =>
  record(sequence, {
    record: 'ledger',
    ended: true,
    produced: delivered,
    delivered,
    summarised,
    filtered: 0,
    sampled_out: 0,
    in_flight: 0,
    dropped: {},
    missed_runs: 0,
  })
const loss = (first: number, last: number) =>
  record(`loss-kafka-${first}-${last}`, {
    record: 'loss',
    sink: 'kafka',
    epoch: EPOCH,
    reason: 'spool_full',
    count: last - first + 1,
    first_sequence: first,
    last_sequence: last,
  })

/** 2 events by themselves, and 30 + 40 + 5 in summaries. */
const WHOLE = [
  state(0, { events: 0, summaries: 0, summarised: 0 }, 'started'),
  event(1),
  summary(2, 30),
  summary(3, 40),
  event(4),
  summary(5, 5),
  ledger(6, 77, 75),
  state(7, { events: 2, summaries: 3, summarised: 75 }),
]

function audit(records: readonly Buffer[], bytes?: number): Audit {
  const limits = { contents: 1024, ...(bytes !== undefined && { bytes }) }
  const accountant = new Accountant({ graceMs: 180_000, nowMs: START_MS + 3_600_000, limits })
  for (const one of records) accountant.take(one, () => 'somewhere')
  return auditOf(accountant, {})
}
const without = (...sequences: number[]) => WHOLE.filter((_, index) => !sequences.includes(index))
const told = (found: Audit) => [found.verdict, found.epochs[0]?.contradictions.map(({ kind }) => kind)]

describe('an epoch with summaries', () => {
  it('is proven where records and the events in them add up, in any order, with copies', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...WHOLE, ...WHOLE], { minLength: WHOLE.length * 2 }), (records) => {
        const found = audit(records)
        expect(told(found)).toEqual(['proven', []])
        expect(found.epochs[0]).toMatchObject({
          stream: { produced: 8, received: 8, events: 2 },
          kernel: {
            check: { outcome: 'proven', delivered: 77, events: 77 },
            summaries: { summaries: 3, summarised: 75, received: 75 },
          },
        })
      }),
      { numRuns: 50 },
    )
  })

  it('says how many events were in a summary that is declared lost', () => {
    const found = audit([...without(3), loss(3, 3)])
    expect(told(found)).toEqual(['proven', []])
    expect(found.epochs[0]?.kernel.summaries).toEqual({ summaries: 3, summarised: 75, received: 35 })
    expect(auditText(found)).toContain('75 were summed up, 35 stand in those that are there')
  })

  it('is missing where a summary is, and nobody declared it', () => {
    expect(told(audit(without(3)))).toEqual(['missing', []])
  })

  it('goes on with what comes behind its last account', () => {
    const running = [
      ...without(6, 7),
      ledger(6, 77, 75),
      state(7, { events: 2, summaries: 3, summarised: 75 }, 'running'),
    ]
    const found = audit([...running, summary(8, 1000)])
    expect(found.epochs[0]?.kernel.summaries).toMatchObject({ summarised: 75, received: 75 })
    expect(found.epochs[0]?.contradictions).toEqual([])
  })

  it.each([
    ['a summary that stands for fewer', [...without(3), summary(3, 39)], ['summaries']],
    ['a summary that stands for more', [...without(3), summary(3, 41)], ['summaries']],
    ['more in what is there than was summed up', [...without(2, 3), summary(3, 90)], ['summaries']],
    ['tools that told less', [...without(6), ledger(6, 76, 75)], ['delivered']],
    [
      'an epoch that summed up less than its summaries stand for',
      [...without(7), state(7, { events: 2, summaries: 3, summarised: 74 })],
      ['delivered', 'summaries'],
    ],
    [
      'summaries of which the epoch does not know',
      [...without(6, 7), ledger(6, 2, 0), state(7, { events: 2 })],
      ['summaries'],
    ],
    [
      'fewer events than summaries',
      [...without(7), state(7, { events: 2, summaries: 3, summarised: 2 })],
      ['sequences', 'delivered', 'summaries'],
    ],
  ])('contradicts itself by %s', (_, records, kinds) => {
    const [verdict, found] = told(audit(records))
    expect(found).toEqual(kinds)
    expect(['contradiction']).toContain(verdict)
  })

  it('cannot read a summary that stands for nothing, or for what is no number', () => {
    for (const events of [0, -1, 1.5, '3'])
      expect(audit([...WHOLE, record(9, { record: 'summary', events })]).counts.unreadable.size).toBe(1)
  })

  it('is not audited whole beyond its bound, and says so', () => {
    const many = Array.from({ length: 2000 }, (_, index) => summary(index + 8, 3))
    const found = audit([...WHOLE, ...many], 80_000)
    expect(found.counts.unexamined).toBeGreaterThan(0)
    expect(found.verdict).not.toBe('proven')
  })
})
