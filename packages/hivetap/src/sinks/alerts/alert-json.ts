import type { Alert, AlertExample } from '../../detect/alert.js'
import { printableJson } from '../../stream/printable.js'

/**
 * An alert as JSON without a newline: one line of `detect -o json`, the value of a record. Fields stand in the order of the
 * schema whatever made the alert, and what would act on a terminal is escaped.
 */
export function alertJson(alert: Alert): string {
  const { version, record, alert_id, state, rule, kind, severity, key, since, time, window_s } = alert
  const { connects, bad, observed, threshold, unit, usual, outcomes, causes, likely_cause } = alert
  const { host, comm, source, destination } = key
  return printableJson(
    JSON.stringify({
      ...{ version, record, alert_id, state, rule, kind, severity },
      key: { host, comm, source, destination },
      ...{ since, time, window_s, connects, bad, observed, threshold, unit, usual },
      outcomes: inOrder(outcomes),
      causes: inOrder(causes),
      likely_cause,
      examples: alert.examples.map(exampleFields),
      summary: alert.summary,
    }),
  )
}

function exampleFields(example: AlertExample): AlertExample {
  const { time, event_id, host, pid, comm, destination, latency_us, outcome, cause } = example
  // What is undefined, JSON leaves out.
  return { time, event_id, host, pid, comm, destination, latency_us, outcome, cause } as AlertExample
}

function inOrder(shares: Readonly<Partial<Record<string, number>>>) {
  return Object.fromEntries(Object.entries(shares).sort(([a], [b]) => (a < b ? -1 : 1)))
}
