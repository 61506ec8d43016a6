import type { Alert } from '../../../detect/alert.js'

const OPEN: Alert = {
  version: 1,
  record: 'alert',
  alert_id: 'sample',
  state: 'open',
  rule: 'a "rule"',
  kind: 'baseline',
  severity: 'critical',
  key: { host: 'node-1', comm: 'a\\b', source: 'web', destination: 'db:5432' },
  since: '2026-01-01T00:00:00.000000Z',
  time: '2026-01-01T00:01:00.000000Z',
  window_s: 60,
  connects: 340,
  bad: 12,
  observed: 340_000,
  threshold: 100_000,
  unit: 'us',
  usual: 80_000,
  outcomes: { connected: 12 },
  causes: { syn_loss: 1 },
  likely_cause: 'syn_loss',
  examples: [
    {
      time: '2026-01-01T00:00:30.000000Z',
      event_id: 'sample-1',
      host: 'node-1',
      pid: 1,
      comm: 'a\\b',
      destination: 'db:5432',
      latency_us: 340_000,
      outcome: 'connected',
      cause: 'syn_loss',
    },
  ],
  summary: 'A "sample"',
}
const { usual: _, ...withoutUsual } = OPEN

/**
 * Alerts with all that one can have and with as little, in each state: a template is tried with them when it is read, so that
 * its mistakes show at the start and not at 3 a.m.
 */
export const SAMPLE_ALERTS: readonly Alert[] = [
  OPEN,
  { ...OPEN, state: 'update' },
  { ...OPEN, state: 'resolved', severity: 'warning' },
  ...(['open', 'update', 'resolved'] as const).map(
    (state): Alert => ({
      ...withoutUsual,
      state,
      kind: 'failures',
      severity: 'warning',
      key: {},
      unit: 'ratio',
      observed: 0,
      threshold: 0,
      connects: 0,
      bad: 0,
      outcomes: {},
      causes: {},
      likely_cause: 'unknown',
      examples: [],
      summary: '',
    }),
  ),
]
