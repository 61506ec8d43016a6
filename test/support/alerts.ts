import fc from 'fast-check'
import type { AlertSinkContext } from '../../packages/hivetap/src/delivery/alerts/alert-sink-kind.js'
import { type Alert, RULE_KINDS, SEVERITIES } from '../../packages/hivetap/src/detect/alert.js'
import { DIMENSIONS } from '../../packages/hivetap/src/detect/dimension.js'
import { OUTCOMES } from '../../packages/hivetap/src/detect/observation.js'
import { summaryOf } from '../../packages/hivetap/src/detect/summary-of.js'
import { CAUSES } from '../../packages/hivetap/src/probes/connects/cause.js'

const PLAIN: Omit<Alert, 'summary'> = {
  version: 1,
  record: 'alert',
  alert_id: 'a1',
  state: 'open',
  rule: 'slow-db',
  kind: 'over',
  severity: 'critical',
  key: { source: 'web', destination: 'db:5432' },
  since: '2026-11-28T03:12:00.000000Z',
  time: '2026-11-28T03:13:00.000000Z',
  window_s: 60,
  connects: 340,
  bad: 12,
  observed: 340_000,
  threshold: 100_000,
  unit: 'us',
  outcomes: { connected: 9, timed_out: 3 },
  causes: { syn_loss: 0.75, network: 0.25 },
  likely_cause: 'syn_loss',
  examples: [
    {
      time: '2026-11-28T03:12:41.123456Z',
      event_id: 'e1',
      host: 'node-1',
      pid: 4711,
      comm: 'web',
      destination: 'db:5432',
      latency_us: 3_051_200,
      outcome: 'connected',
      cause: 'syn_loss',
    },
  ],
}

/** An alert with its summary. */
export function alertOf(fields: Partial<Omit<Alert, 'summary'>> = {}): Alert {
  const alert = { ...PLAIN, ...fields }
  return { ...alert, summary: summaryOf(alert) }
}

/** Alerts of one episode: opened, once worse, over. */
export function episode(alert_id: string, fields: Partial<Omit<Alert, 'summary'>> = {}): readonly Alert[] {
  return (['open', 'update', 'resolved'] as const).map((state) => alertOf({ ...fields, alert_id, state }))
}

/** A context that keeps what it was told. */
export function alertContext(notes: string[] = []): AlertSinkContext {
  return { node: 'node-1', note: (message) => void notes.push(message) }
}

/** What hosts might write: anything. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '\u001b[31m',
    'a\nb',
    '\u202e',
    '{{summary}}',
    '"},{"',
    '<!channel>',
    '@all',
    '\\',
    '\ud800',
  ),
)
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
const share = fc.double({ min: 0, max: 1, noNaN: true })
const amount = fc.double({ min: 0, max: 1e12, noNaN: true })
const some = <T>(arbitrary: fc.Arbitrary<T>, names: readonly string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, arbitrary])), { requiredKeys: [] })

/** Alerts of every shape, whose names hosts wrote. */
export const anyAlert: fc.Arbitrary<Alert> = fc
  .record(
    {
      version: fc.constant(1 as const),
      record: fc.constant('alert' as const),
      alert_id: hostile,
      state: fc.constantFrom('open' as const, 'update' as const, 'resolved' as const),
      rule: hostile,
      kind: fc.constantFrom(...RULE_KINDS),
      severity: fc.constantFrom(...SEVERITIES),
      key: some(hostile, DIMENSIONS),
      since: time,
      time,
      window_s: fc.integer({ min: 1, max: 86_400 }),
      connects: amount,
      bad: amount,
      observed: amount,
      threshold: amount,
      unit: fc.constantFrom('us' as const, 'ratio' as const),
      usual: amount,
      outcomes: some(amount, OUTCOMES),
      causes: some(share, CAUSES),
      likely_cause: fc.constantFrom(...CAUSES),
      examples: fc.array(
        fc.record(
          {
            time,
            event_id: hostile,
            host: hostile,
            pid: fc.nat(),
            comm: hostile,
            destination: hostile,
            latency_us: amount,
            outcome: fc.constantFrom(...OUTCOMES),
            cause: fc.constantFrom(...CAUSES),
          },
          { requiredKeys: ['time', 'destination', 'outcome', 'cause'] },
        ),
        { maxLength: 3 },
      ),
    },
    {
      requiredKeys: [
        ...([
          'version',
          'record',
          'alert_id',
          'state',
          'rule',
          'kind',
          'severity',
          'key',
          'since',
          'time',
        ] as const),
        ...(['window_s', 'connects', 'bad', 'observed', 'threshold', 'unit', 'outcomes', 'causes'] as const),
        ...(['likely_cause', 'examples'] as const),
      ],
    },
  )
  .map((alert) => ({ ...alert, summary: summaryOf(alert) }))
