import type { Alert } from '../../../detect/alert.js'
import { name } from '../../../detect/alert-words.js'
import { alertText, exampleText } from '../alert-text.js'
import { type Labels, labelsOf } from './labels.js'

/** An alert as it is kept, to be posted: with its own times. */
export interface KeptAlert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly sinceMs: number
  /** When it ended; absent while it is open. */
  readonly endMs?: number
}

/** An alert as version 2 of the API has it: `postableAlert`. */
export interface PostedAlert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt?: string
}

/** What is kept of an alert. */
export function keptAlert(alert: Alert, more: Labels): KeptAlert {
  const sinceMs = Date.parse(alert.since)
  return {
    labels: labelsOf(alert, more),
    annotations: {
      summary: alert.summary,
      description: alertText(alert),
      ...(alert.examples.length === 0 ? {} : { examples: alert.examples.map(exampleText).join('\n') }),
      likely_cause: alert.likely_cause,
      alert_id: name(alert.alert_id),
    },
    sinceMs,
    ...(alert.state === 'resolved' ? { endMs: Math.max(sinceMs, Date.parse(alert.time)) } : {}),
  }
}

/**
 * As it is posted now. Hosts whose clocks are ahead tell of what is yet to come: to Alertmanager an alert never begins or
 * ends later than now, since it would take the end for one that is not reached. One that is open has no end: Alertmanager
 * then counts its resolve_timeout by its own clock, whatever ours says.
 */
export function postedAlert({ labels, annotations, sinceMs, endMs }: KeptAlert, nowMs: number): PostedAlert {
  const time = (ms: number) => new Date(Math.min(Number.isFinite(ms) ? ms : nowMs, nowMs)).toISOString()
  return {
    labels,
    annotations,
    startsAt: time(sinceMs),
    ...(endMs === undefined ? {} : { endsAt: time(endMs) }),
  }
}
