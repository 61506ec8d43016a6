import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from './alert.js'
import { Detector } from './detector.js'
import { emptyObservation, type Observation } from './observation.js'
import type { Rule } from './rules/rule.js'
import { detectionSchema, rulesOf } from './rules/schema.js'
import { DetectStateError } from './state/state-error.js'

const SECOND = 1_000_000
const START = 1_700_000_000 * SECOND
const LATENESS = 5 * SECOND
const EPOCHS = [0, 1, 2].map((digit) => `0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c0${digit}`)

function rules(...written: readonly object[]): readonly Rule[] {
  return rulesOf(detectionSchema.parse({ rules: written }))
}

function connect(atS: number, latencyUs: number, more: Partial<Observation> = {}): Observation {
  const source = more.comm ?? 'curl'
  return {
    ...emptyObservation(),
    timeUs: START + Math.round(atS * SECOND),
    latencyUs,
    outcome: 'connected',
    comm: source,
    source,
    destination: '10.0.0.1:443',
    ...more,
  }
}

function run(
  of: readonly Rule[],
  observations: readonly Observation[],
  { maxKeys = 1000, latenessUs = LATENESS } = {},
): readonly Alert[] {
  const detector = new Detector({ rules: of, latenessUs, maxKeys })
  for (const one of observations) detector.take({ ...one })
  detector.finish()
  return detector.takeAlerts()
}

const told = (alerts: readonly Alert[]) => alerts.map(({ state, rule }) => `${state} ${rule}`)

describe('a rule with a limit', () => {
  const over = rules({ kind: 'over', over: '100ms', window: '10s', resolve_after: 2 })

  it('opens with the first window that has a slow connect, and is resolved after calm ones', () => {
    const observations = [
      connect(1, 2000),
      connect(12, 150_000, { host: 'a', pid: 7, eventId: 'e-1' }),
      connect(13, 3000),
      ...[22, 32, 42, 52].map((at) => connect(at, 1000)),
    ]
    const [open, resolved, ...more] = run(over, observations)
    expect(more).toEqual([])
    expect(open).toMatchObject({
      state: 'open',
      since: '2023-11-14T22:13:30.000000Z',
      time: '2023-11-14T22:13:40.000000Z',
      connects: 2,
      bad: 1,
      observed: 150_000,
      threshold: 100_000,
      key: { source: 'curl', destination: '10.0.0.1:443' },
      outcomes: { connected: 1 },
      examples: [{ event_id: 'e-1', host: 'a', pid: 7, latency_us: 150_000 }],
    })
    expect(resolved).toMatchObject({ state: 'resolved', alert_id: open?.alert_id, time: open?.time })
  })

  it('tells each once, however long it lasts, and again only when it is twice as bad', () => {
    const long = Array.from({ length: 50 }, (_, index) => connect(index * 10, 150_000))
    expect(told(run(over, long))).toEqual(['open over'])
    const worse = long.map((one, index) => ({ ...one, latencyUs: index < 25 ? 150_000 : 310_000 }))
    expect(told(run(over, worse))).toEqual(['open over', 'update over'])
  })

  it('is resolved by time alone, where nobody connects any more', () => {
    const detector = new Detector({ rules: over, latenessUs: LATENESS, maxKeys: 10 })
    detector.take(connect(1, 200_000))
    detector.advanceTo(START + 10 * SECOND - 1)
    expect(detector.takeAlerts()).toEqual([])
    detector.advanceTo(START + 10 * SECOND)
    expect(told(detector.takeAlerts())).toEqual(['open over'])
    detector.advanceTo(START + 30 * SECOND)
    expect(told(detector.takeAlerts())).toEqual(['resolved over'])
  })

  it('looks at each destination apart, and tells them in one order', () => {
    const observations = ['10.0.0.2:1', '10.0.0.1:1'].map((destination) =>
      connect(1, 200_000, { destination }),
    )
    expect(run(over, observations).map(({ key }) => key.destination)).toEqual(['10.0.0.1:1', '10.0.0.2:1'])
  })

  it('looks at what `where` names, and no more', () => {
    const some = rules({
      kind: 'over',
      over: '100ms',
      where: { destination: '10.*:443', comm: ['curl', 'w*t'] },
    })
    const of = (more: Partial<Observation>) => run(some, [connect(1, 200_000, more)]).length
    expect(of({})).toBe(1)
    expect(of({ comm: 'wget' })).toBe(1)
    expect(of({ comm: 'nc' })).toBe(0)
    expect(of({ destination: '10.0.0.1:44' })).toBe(0)
  })

  it('counts what comes after its window was closed', () => {
    const detector = new Detector({ rules: over, latenessUs: LATENESS, maxKeys: 10 })
    for (const one of [connect(1, 1000), connect(16, 1000), connect(2, 200_000)]) detector.take(one)
    expect(detector.late).toBe(1)
    detector.finish()
    expect(detector.takeAlerts()).toEqual([])
  })
})

describe('a rule of failures', () => {
  const failures = rules({ kind: 'failures', ratio: 0.1, min_bad: 3, min_connects: 10 })
  const some = (bad: number, all: number) =>
    run(
      failures,
      Array.from({ length: all }, (_, index) =>
        connect(index / 10, 500, index < bad ? { outcome: 'refused' } : {}),
      ),
    )

  it('opens at the share that is asked for', () => {
    expect(some(3, 31)).toEqual([])
    expect(some(3, 30)).toMatchObject([
      { observed: 0.1, threshold: 0.1, unit: 'ratio', outcomes: { refused: 3 } },
    ])
    expect(some(2, 10)).toEqual([])
  })

  it('concludes nothing from too few', () => {
    expect(some(9, 9)).toEqual([])
  })
})

describe('a rule of connects that hang', () => {
  it('opens while they hang, and does not count them as connects', () => {
    const stuck = rules({ kind: 'stuck', longer_than: '3s' })
    const hanging = [1, 3, 7].map((at) => connect(at, at * SECOND, { outcome: 'stuck' }))
    const ended = Array.from({ length: 20 }, (_, index) => connect(index / 4, 1000))
    const alerts = run(stuck, [...hanging, ...ended])
    expect(alerts).toMatchObject([{ state: 'open', bad: 2, observed: 7 * SECOND }])
    expect(alerts[0]).not.toHaveProperty('connects')
  })
})

describe('a baseline', () => {
  const baseline = rules({ kind: 'baseline', min_connects: 10, min_history: 5, history: 20, adapt_after: 8 })
  const minute = (index: number, latencyUs: number, count = 20) =>
    Array.from({ length: count }, (_, at) =>
      connect(index * 60 + at, latencyUs + (at % 5) * 10, { cause: latencyUs > 10_000 ? 'host' : 'network' }),
    )
  const minutes = (latencies: readonly number[]) =>
    latencies.flatMap((latency, index) => minute(index, latency))
  const usual = Array.from({ length: 10 }, () => 1000)

  it('opens when a key is slower than it is used to be, and says how much and why', () => {
    const [open, resolved, ...more] = run(baseline, minutes([...usual, 50_000, 50_000, 1000, 1000, 1000]))
    expect(more).toEqual([])
    expect(open).toMatchObject({
      state: 'open',
      since: '2023-11-14T22:23:00.000000Z',
      bad: 20,
      connects: 20,
      likely_cause: 'host',
      causes: { host: 1 },
    })
    expect(open?.usual).toBeGreaterThan(980)
    expect(open?.usual).toBeLessThan(1080)
    expect(open?.observed).toBeGreaterThan(49_000)
    expect(resolved).toMatchObject({ state: 'resolved' })
  })

  it('does not learn from a fault: a second one like it opens too', () => {
    const twice = [...usual, 50_000, 50_000, 50_000, ...usual, 50_000, 50_000]
    expect(told(run(baseline, minutes(twice))).filter((one) => one.startsWith('open'))).toHaveLength(2)
  })

  it('takes what lasts for what is usual', () => {
    const lasting = [...usual, ...Array.from({ length: 30 }, () => 50_000)]
    expect(told(run(baseline, minutes(lasting)))).toEqual(['open baseline', 'resolved baseline'])
  })

  it('says nothing before it knows what is usual, nor of too few connects', () => {
    expect(run(baseline, minutes([1000, 1000, 90_000, 1000]))).toEqual([])
    expect(run(baseline, [...minutes(usual), ...minute(10, 50_000, 9)])).toEqual([])
  })
})

describe('what the detector tells', { timeout: 60_000 }, () => {
  const all = rules(
    { kind: 'over', over: '80ms', window: '7s', by: ['destination'], resolve_after: 2 },
    { kind: 'failures', min_connects: 2, min_bad: 1, ratio: 0.1, window: '10s' },
    { kind: 'stuck', window: '10s' },
    { kind: 'baseline', min_connects: 3, min_history: 3, history: 6, window: '10s', adapt_after: 4 },
  )
  const observation = fc.record({
    at: fc.integer({ min: 0, max: 400_000 }),
    latency: fc.oneof(fc.integer({ min: 100, max: 3000 }), fc.integer({ min: 20_000, max: 4_000_000 })),
    outcome: fc.constantFrom(
      'connected' as const,
      'connected' as const,
      'connected' as const,
      'refused' as const,
      'stuck' as const,
    ),
    destination: fc.constantFrom('a:1', 'b:2'),
    comm: fc.constantFrom('curl', 'nc'),
    stream: fc.integer({ min: 0, max: 2 }),
    jitter: fc.integer({ min: 0, max: 4_999 }),
  })
  const many = fc
    .array(observation, { minLength: 50, maxLength: 250 })
    .map((list) =>
      list
        .map(({ at, latency, jitter, ...more }) => ({ connect: connect(at / 1000, latency, more), jitter }))
        .sort((a, b) => a.connect.timeUs - b.connect.timeUs),
    )

  it('does not depend on the order within the lateness', () => {
    fc.assert(
      fc.property(many, (list) => {
        const inOrder = list.map((one) => ({ ...one.connect, stream: 0 }))
        const shuffled = [...list]
          .sort((a, b) => a.connect.timeUs + a.jitter * 1000 - (b.connect.timeUs + b.jitter * 1000))
          .map((one) => ({ ...one.connect, stream: 0 }))
        expect(run(all, shuffled)).toEqual(run(all, inOrder))
      }),
      { numRuns: 40 },
    )
  })

  it('does not depend on how often a connect comes', () => {
    fc.assert(
      fc.property(
        many,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4999 }), fc.nat({ max: 2 })), { maxLength: 300 }),
        (list, copies) => {
          const named = list.map(({ connect, jitter }, index) => ({
            connect: { ...connect, stream: 0, eventId: `${EPOCHS[index % 3]}-${index * 100}` },
            jitter,
          }))
          const again = copies.map(([which, jitter]) => ({
            ...(named[which % named.length] as (typeof named)[number]),
            jitter,
          }))
          const shuffled = [...named, ...again]
            .sort((a, b) => a.connect.timeUs + a.jitter * 1000 - (b.connect.timeUs + b.jitter * 1000))
            .map((one) => one.connect)
          const detector = new Detector({ rules: all, latenessUs: LATENESS, maxKeys: 1000 })
          const at = shuffled.length >> 1
          for (const one of shuffled.slice(0, at)) detector.take(one)
          // A copy may come when another has taken up the work.
          const second = new Detector({ rules: all, latenessUs: LATENESS, maxKeys: 1000 })
          second.restore([...detector.save(null)])
          for (const one of shuffled.slice(at)) second.take(one)
          second.finish()
          expect([...detector.takeAlerts(), ...second.takeAlerts()]).toEqual(
            run(
              all,
              named.map((one) => one.connect),
            ),
          )
          const read = detector.observed + second.observed
          expect(read - named.length).toBe(detector.late + second.late)
          expect(read + detector.copies + second.copies).toBe(shuffled.length)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('counts a copy, and lets no time go on by it', () => {
    const detector = new Detector({ rules: all, latenessUs: 0, maxKeys: 10 })
    detector.expect(1)
    const eventId = `${EPOCHS[0]}-1`
    detector.take(connect(1, 200_000, { eventId, stream: 0 }))
    detector.take(connect(1, 200_000, { eventId, stream: 1 }))
    expect(detector).toMatchObject({ observed: 1, copies: 1, late: 0, copiesForgotten: 0 })
    detector.take(connect(30, 1000, { eventId: `${EPOCHS[0]}-2`, stream: 0 }))
    expect(detector.takeAlerts()).toEqual([])
    detector.take(connect(30, 1000, { eventId: `${EPOCHS[0]}-3`, stream: 1 }))
    expect(told(detector.takeAlerts())).toEqual(['open over', 'resolved over'])
  })

  it('opens, updates and resolves in that order, each alert once', () => {
    fc.assert(
      fc.property(many, (list) => {
        const states = new Map<string, string>()
        for (const { alert_id, state } of run(
          all,
          list.map((one) => one.connect),
        )) {
          const before = states.get(alert_id)
          if (state === 'open') expect(before).toBeUndefined()
          else expect(before === 'open' || before === 'update').toBe(true)
          states.set(alert_id, state)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('is the same when its state is saved and taken up by another at any moment', () => {
    fc.assert(
      fc.property(many, fc.double({ min: 0, max: 1, noNaN: true }), (list, part) => {
        const connects = list.map((one) => one.connect)
        const options = { rules: all, latenessUs: LATENESS, maxKeys: 1000 }
        const at = Math.floor(part * connects.length)
        const first = new Detector(options)
        for (const one of connects.slice(0, at)) first.take(one)
        const alerts = [...first.takeAlerts()]
        const second = new Detector(options)
        expect(second.restore([...first.save({ offset: at })])).toEqual({ offset: at })
        for (const one of connects.slice(at)) second.take(one)
        second.finish()
        expect([...alerts, ...second.takeAlerts()]).toEqual(run(all, connects))
      }),
      { numRuns: 40 },
    )
  })

  it('takes up nothing of rules that have changed', () => {
    const first = new Detector({ rules: all, latenessUs: LATENESS, maxKeys: 10 })
    first.take(connect(1, 200_000))
    const changed = rules({ kind: 'over', over: '90ms', window: '7s', by: ['destination'], resolve_after: 2 })
    const second = new Detector({ rules: changed, latenessUs: LATENESS, maxKeys: 10 })
    second.restore([...first.save(null)])
    second.finish()
    expect(second.takeAlerts()).toEqual([])
  })

  it('refuses a state that is damaged', () => {
    const first = new Detector({ rules: all, latenessUs: LATENESS, maxKeys: 10 })
    first.take(connect(1, 200_000))
    const lines = [...first.save(null)]
    for (const damaged of [
      '',
      '{',
      '{"line":"key"}',
      (lines[0] ?? '').replace('"version":1', '"version":2'),
    ]) {
      const second = new Detector({ rules: all, latenessUs: LATENESS, maxKeys: 10 })
      expect(() => second.restore([damaged])).toThrow(DetectStateError)
    }
  })

  it('goes on when time jumps by years', () => {
    const detector = new Detector({ rules: all, latenessUs: LATENESS, maxKeys: 10 })
    detector.take(connect(1, 200_000))
    detector.take(connect(300_000_000, 1000))
    expect(told(detector.takeAlerts())).toEqual(['open over', 'resolved over'])
  })

  it('keeps as many keys as it may, and counts those it threw out', () => {
    const detector = new Detector({ rules: all, latenessUs: 0, maxKeys: 50 })
    for (let index = 0; index < 5000; index++)
      detector.take(connect(index / 10, 500, { destination: `10.0.0.${index}:1` }))
    const { size, evicted, refused } = detector.keys
    expect(size).toBeLessThanOrEqual(3 * 63)
    expect(evicted + refused).toBeGreaterThan(0)
  })
})

describe('a connect that is late', () => {
  it('is told with its host and the one that was ahead, of all the one that was furthest behind', () => {
    const detector = new Detector({
      rules: rules({ kind: 'failures', window: '10s' }),
      latenessUs: LATENESS,
      maxKeys: 10,
    })
    expect(detector.latest).toBeUndefined()
    const times = [
      ['n1', 100],
      // Of a clock that is two hours fast, or it alone has no spool to empty.
      ['n2', 7300],
      ['n1', 101],
      ['n3', 90],
      ['n1', 102],
    ] as const
    for (const [host, atS] of times) detector.take(connect(atS, 1000, { host }))
    expect(detector.late).toBe(3)
    expect(detector.latest).toEqual({ byUs: 7210 * SECOND, host: 'n3', aheadHost: 'n2' })
  })
})
