import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Accountant, type AuditOptions } from './accountant.js'
import { type Audit, auditOf, type EpochAudit, type JudgeOptions } from './audit.js'
import type { Range } from './range.js'

const GRACE_MS = 180_000
const START_MS = Date.parse('2026-11-28T04:00:00Z')
const epochNamed = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const EPOCH = epochNamed(1)

type Fields = Readonly<Record<string, unknown>>

/** A record, `seconds` behind the start. */
function record(epoch: string, sequence: number | string, seconds: number, fields: Fields = {}): Buffer {
  const time = new Date(START_MS + seconds * 1000).toISOString().replace('Z', '000000Z')
  const head = { version: 1, event_id: `${epoch}-${sequence}`, time, host: 'node-1', tool: '' }
  return Buffer.from(JSON.stringify({ ...head, ...fields }))
}
const event = (sequence: number, seconds = sequence, fields: Fields = {}) =>
  record(EPOCH, sequence, seconds, { tool: 'tcpconnect', ...fields })
const state = (name: string, sequence: number, events: number, seconds = sequence, fields: Fields = {}) =>
  record(EPOCH, sequence, seconds, {
    record: 'epoch',
    state: name,
    epoch: EPOCH,
    sequences: sequence + 1,
    events,
    ...fields,
  })
const ledger = (sequence: number, delivered: number, fields: Fields = {}, seconds = sequence) =>
  record(EPOCH, sequence, seconds, {
    tool: 'tcpconnect',
    record: 'ledger',
    ended: true,
    produced: delivered,
    delivered,
    filtered: 0,
    sampled_out: 0,
    in_flight: 0,
    dropped: {},
    truncated: 0,
    missed_runs: 0,
    ...fields,
  })
const loss = (first: number, last: number, fields: Fields = {}) =>
  record(EPOCH, `loss-${(fields['sink'] as string | undefined) ?? 'kafka'}-${first}-${last}`, 0, {
    record: 'loss',
    sink: 'kafka',
    epoch: EPOCH,
    reason: 'spool_full',
    count: last - first + 1,
    first_sequence: first,
    last_sequence: last,
    ...fields,
  })
const cut = (sequences: number, events: number, seconds: number) =>
  record(epochNamed(2), 0, seconds, { record: 'epoch', state: 'cut', epoch: EPOCH, sequences, events })

function audit(
  records: readonly Buffer[],
  options: Partial<AuditOptions> = {},
  judge: JudgeOptions = {},
): Audit {
  const accountant = new Accountant({
    graceMs: GRACE_MS,
    ...options,
    limits: { contents: 1024, ...options.limits },
  })
  for (const bytes of records) accountant.take(bytes, () => 'somewhere')
  return auditOf(accountant, judge)
}
/** The audit of EPOCH. */
function epochOf(found: Audit): EpochAudit {
  const epoch = found.epochs.find((one) => one.epoch === EPOCH)
  if (epoch === undefined) throw new Error('it is not there')
  return epoch
}
const kinds = (found: Audit) => epochOf(found).contradictions.map(({ kind }) => kind)

/** Five events, and the final account: sequences 0 to 6. */
const WHOLE = [0, 1, 2, 3, 4].map((sequence) => event(sequence)).concat(ledger(5, 5), state('ended', 6, 5))
const without = (...sequences: readonly number[]) => WHOLE.filter((_, index) => !sequences.includes(index))

describe('what an audit comes to', () => {
  it('is proven where all is there', () => {
    const found = audit(WHOLE)
    expect(found.verdict).toBe('proven')
    expect(epochOf(found)).toMatchObject({
      node: 'node-1',
      firstMs: START_MS,
      lastMs: START_MS + 6000,
      stream: {
        state: 'ended',
        from: 0,
        to: 7,
        produced: 7,
        received: 7,
        events: 5,
        lost: [],
        missing: [],
        underWay: [],
      },
      kernel: { check: { outcome: 'proven', delivered: 5, events: 5, between: 0 } },
    })
  })

  it('is a hole where something is gone that nobody declared', () => {
    const found = audit(without(2, 3))
    expect(found.verdict).toBe('missing')
    expect(epochOf(found).stream).toMatchObject({ received: 5, missing: [{ first: 2, last: 3 }] })
  })

  it('is proven where what is gone was declared; with strict, it is said', () => {
    const records = [...without(2, 3), loss(2, 3), loss(2, 3)]
    expect(audit(records).verdict).toBe('proven')
    expect(audit(records, {}, { strict: true }).verdict).toBe('declared_losses')
    expect(epochOf(audit(records)).stream.lost).toEqual([
      { reason: 'spool_full', count: 2, ranges: [{ first: 2, last: 3 }] },
    ])
  })

  it('counts what was declared lost and came all the same as received', () => {
    const found = audit([...without(2), loss(1, 4)], {}, { strict: true })
    expect(epochOf(found).stream).toMatchObject({
      received: 6,
      lost: [{ count: 1, ranges: [{ first: 2, last: 2 }] }],
    })
  })

  it('counts the losses of the sinks that are asked for', () => {
    const records = [...without(2, 3), loss(2, 2), loss(3, 3, { sink: 'file' })]
    expect(audit(records)).toMatchObject({
      verdict: 'proven',
      sinksSeen: ['file', 'kafka'],
      sinksAudited: ['file', 'kafka'],
    })
    const found = audit(records, {}, { sinks: ['kafka'] })
    expect(found).toMatchObject({ verdict: 'missing', sinksAudited: ['kafka'] })
    expect(epochOf(found).stream.missing).toEqual([{ first: 3, last: 3 }])
  })

  it('is without account where a run was cut, also if all that its spool had is there', () => {
    const found = audit([event(0), event(1), cut(2, 2, 10)])
    expect(found.verdict).toBe('without_account')
    expect(epochOf(found).stream).toMatchObject({ state: 'cut', produced: 2, received: 2, missing: [] })
    // The machine went down: its spool has less than what arrived.
    expect(epochOf(audit([event(0), event(1), event(2), cut(2, 2, 10)]))).toMatchObject({
      stream: { produced: 3, received: 3 },
      contradictionCount: 0,
    })
    expect(audit([event(0), cut(3, 3, 10)]).verdict).toBe('missing')
  })

  it('is without account where an epoch is silent for longer than the grace', () => {
    const other = record(epochNamed(3), 0, 500)
    expect(epochOf(audit([event(0, 319), other])).stream.state).toBe('silent')
    expect(epochOf(audit([event(0, 320), other])).stream.state).toBe('running')
    expect(audit([event(0, 0)], { nowMs: START_MS + GRACE_MS + 1 }).verdict).toBe('without_account')
    expect(audit([event(0, 0)], { nowMs: START_MS + GRACE_MS }).verdict).toBe('proven')
  })

  it('gives what is missing among the newest time to come', () => {
    const at = (seconds: number) => audit([event(0, 0), event(2, 1), event(3, seconds)])
    expect(epochOf(at(100)).stream).toMatchObject({ missing: [], underWay: [{ first: 1, last: 1 }] })
    expect(at(100).verdict).toBe('proven')
    expect(epochOf(at(300)).stream).toMatchObject({ missing: [{ first: 1, last: 1 }], underWay: [] })
    expect(at(300).verdict).toBe('missing')
    // It has ended just now.
    const ended = without(1)
    expect(audit(ended, { nowMs: START_MS + 10_000 }).verdict).toBe('proven')
    expect(audit(ended, { nowMs: START_MS + 7000 + GRACE_MS }).verdict).toBe('missing')
  })

  it('is unreadable where records are, and says where the first stand', () => {
    const found = audit([...WHOLE, ...Array.from({ length: 8 }, () => Buffer.from('{'))])
    expect(found.verdict).toBe('unreadable')
    expect(found.counts.unreadable.get('not_json')).toEqual({ count: 8, places: Array(5).fill('somewhere') })
  })

  it('is incomplete where a bound was reached', () => {
    const fakes = Array.from({ length: 100 }, (_, index) => record(epochNamed(100 + index), 0, 0))
    const found = audit([...WHOLE, ...fakes], { limits: { epochs: 10 } })
    expect(found.verdict).toBe('incomplete')
    expect(found.counts.unexamined).toBe(91)
    expect(audit(WHOLE, {}, { remarks: ['the topic is compacted'] }).verdict).toBe('incomplete')
  })
})

describe('contradictions', () => {
  it.each([
    ['other content under one name', [...WHOLE, event(2, 2, { comm: 'x' })], ['content']],
    ['two nodes', [...WHOLE, event(2, 2, { host: 'node-2' })], ['host', 'content']],
    ['an account that does not add up', [...without(5), ledger(5, 5, { produced: 6 })], ['sum']],
    ['tools that told less than was numbered', [...without(5), ledger(5, 4)], ['delivered']],
    ['tools that told more than was numbered', [...without(5), ledger(5, 6)], ['delivered']],
    ['fewer events than arrived', [...without(6), state('ended', 6, 4)], ['sequences', 'delivered']],
    ['a record behind the end', [...WHOLE, event(9)], ['sequences']],
    ['two ends', [...WHOLE, state('ended', 9, 5)], ['sequences']],
    [
      'an end that counts otherwise',
      [...without(6), state('ended', 6, 5, 6, { sequences: 9 })],
      ['sequences'],
    ],
    ['an account that is not final', [...without(5), ledger(5, 5, { ended: false })], ['delivered']],
    ['cut with other sequences than at its end', [...WHOLE, cut(3, 3, 9)], ['sequences']],
  ])('%s', (_, records, expected) => {
    const found = audit(records)
    expect(kinds(found)).toEqual(expected)
    expect(found.verdict).toBe('contradiction')
  })

  it('are none where copies are the same, and are counted as copies', () => {
    const found = audit([...WHOLE, ...WHOLE])
    expect(epochOf(found)).toMatchObject({ duplicates: 7, uncompared: 0, contradictionCount: 0 })
    expect(found.verdict).toBe('proven')
  })

  it('are none where the account of a tool was lost', () => {
    const found = audit([...without(5), loss(5, 5)])
    expect(found.verdict).toBe('proven')
    expect(epochOf(found).kernel.check).toMatchObject({ outcome: 'unknown' })
  })

  it('are told for the first, and counted for all', () => {
    const found = audit([...WHOLE, ...Array.from({ length: 50 }, (_, index) => event(2, 2, { pid: index }))])
    expect(epochOf(found).contradictions).toHaveLength(10)
    expect(epochOf(found).contradictionCount).toBe(50)
  })

  it('are not made by a sequence near the end of all numbers', () => {
    const found = audit([event(0, 0), record(EPOCH, 9007199254740990, 1), event(1, 500)])
    expect(epochOf(found).stream.missing).toEqual([{ first: 2, last: 9007199254740989 }])
  })
})

describe('the time asked for', () => {
  const long = Array.from({ length: 100 }, (_, sequence) => event(sequence, sequence * 10))

  it('begins with the first sequence in it, also where the epoch began before', () => {
    const found = audit(long.slice(20), { sinceMs: START_MS + 300_000 })
    expect(found.verdict).toBe('proven')
    expect(epochOf(found).stream).toMatchObject({ from: 30, produced: 70, received: 70 })
  })

  it('ends with the last sequence in it', () => {
    const found = audit(long, { untilMs: START_MS + 500_000 })
    expect(epochOf(found).stream).toMatchObject({
      state: 'running',
      from: 0,
      to: 51,
      produced: 51,
      received: 51,
      missing: [],
    })
  })

  it('leaves out epochs that have nothing in it', () => {
    expect(audit(long, { sinceMs: START_MS + 2_000_000 }).epochs).toEqual([])
  })

  it('tells of a hole within it', () => {
    const found = audit(long.toSpliced(40, 1), { sinceMs: START_MS + 300_000, untilMs: START_MS + 500_000 })
    expect(epochOf(found).stream.missing).toEqual([{ first: 40, last: 40 }])
  })
})

/** What may happen to a sequence on its way. */
const fate = fc.record({
  copies: fc.nat(2),
  declared: fc.option(fc.constantFrom('spool_full', 'too_large'), { freq: 4, nil: undefined }),
  place: fc.nat(1_000_000),
})

/** Ranges of what fulfils a condition. */
function rangesWhere(count: number, is: (sequence: number) => boolean): Range[] {
  const ranges: Range[] = []
  for (let sequence = 0; sequence < count; sequence++) {
    if (!is(sequence)) continue
    const open = ranges.at(-1)
    if (open !== undefined && open.last === sequence - 1)
      ranges[ranges.length - 1] = { first: open.first, last: sequence }
    else ranges.push({ first: sequence, last: sequence })
  }
  return ranges
}

describe('against a naive model', () => {
  it('random streams with copies, holes and losses, in any order, are told exactly', () => {
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1, maxLength: 80 }), fc.boolean(), (fates, isCut) => {
        const count = fates.length
        const placed: { bytes: Buffer; place: number }[] = []
        for (const [sequence, { copies, declared, place }] of fates.entries()) {
          for (let copy = 0; copy < copies; copy++)
            placed.push({ bytes: event(sequence), place: place * (copy + 1) })
          if (declared !== undefined)
            placed.push({ bytes: loss(sequence, sequence, { reason: declared }), place: place / 2 })
        }
        const end = isCut ? cut(count, count, 1000) : state('ended', count, count, 1000)
        placed.push({ bytes: end, place: fates[0]?.place ?? 0 })
        const found = audit(placed.sort((a, b) => a.place - b.place).map(({ bytes }) => bytes))

        const isThere = (sequence: number) => (fates[sequence]?.copies ?? 0) > 0
        const isLost = (sequence: number, reason: string) =>
          !isThere(sequence) && fates[sequence]?.declared === reason
        const events = fates.filter(({ copies }) => copies > 0).length
        const own = isCut ? 0 : 1
        const lost = ['spool_full', 'too_large']
          .map((reason) => ({ reason, ranges: rangesWhere(count, (sequence) => isLost(sequence, reason)) }))
          .filter(({ ranges }) => ranges.length > 0)
        const missing = rangesWhere(
          count,
          (sequence) => !isThere(sequence) && fates[sequence]?.declared === undefined,
        )
        const { stream, duplicates } = epochOf(found)
        expect(stream).toMatchObject({
          produced: count + own,
          received: events + own,
          events,
          missing,
          underWay: [],
        })
        expect(stream.lost.map(({ reason, ranges }) => ({ reason, ranges }))).toEqual(lost)
        expect(duplicates).toBe(fates.filter(({ copies }) => copies > 1).length)
      }),
      { numRuns: 200 },
    )
  })

  it('a running epoch: what is below the newest record that is older than the grace is missing, the rest may come', () => {
    const PART_MS = Math.ceil(GRACE_MS / 8)
    const fates = fc.array(fc.record({ isThere: fc.boolean(), gap: fc.nat(60), place: fc.nat(1000) }), {
      minLength: 1,
      maxLength: 60,
    })
    fc.assert(
      fc.property(fates, (steps) => {
        let seconds = 0
        const all = steps.map((step, sequence) => {
          seconds += step.gap
          return { ...step, sequence, seconds }
        })
        const there = all.filter(({ isThere }) => isThere)
        fc.pre(there.length > 0)
        const inOrder = [...there].sort((a, b) => a.place - b.place)
        const { stream } = epochOf(audit(inOrder.map((one) => event(one.sequence, one.seconds))))

        const timeOf = (one: { seconds: number }) => START_MS + one.seconds * 1000
        const newest = Math.max(...there.map(timeOf))
        const isOld = (one: { seconds: number }) =>
          (Math.floor(timeOf(one) / PART_MS) + 1) * PART_MS <= newest - GRACE_MS
        const settled = Math.max(-1, ...there.filter(isOld).map(({ sequence }) => sequence))
        const to = Math.max(...there.map(({ sequence }) => sequence)) + 1
        const isGone = (sequence: number) => all[sequence]?.isThere === false
        expect(stream.missing).toEqual(rangesWhere(to, (sequence) => sequence <= settled && isGone(sequence)))
        expect(stream.underWay).toEqual(rangesWhere(to, (sequence) => sequence > settled && isGone(sequence)))
      }),
      { numRuns: 200 },
    )
  })
})
