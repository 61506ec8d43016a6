import { createHash } from 'node:crypto'
import type { Alert } from './alert.js'
import type { Key } from './dimension.js'
import type { Evidence, Judgement } from './judge/judgement.js'
import type { Rule } from './rules/rule.js'
import { summaryOf } from './summary-of.js'
import { timeOfUs } from './time/time-text.js'
import { likelyCause, outcomesOf, rounded, sharesOf } from './windows/shares.js'
import { exampleOf } from './windows/worst.js'

/** What an alert is of. */
export interface AlertFacts {
  readonly rule: Rule
  readonly key: Key
  readonly sinceUs: number
  readonly windowStartUs: number
  /** Whether the connects that are not bad were looked at too. */
  readonly seesAll: boolean
  readonly evidence: Evidence
}

export function alertOf(
  state: 'open' | 'update',
  { rule, key, sinceUs, windowStartUs, seesAll, evidence }: AlertFacts,
  judgement: Judgement,
): Alert {
  const { outcomes, causes, worst } = evidence
  const unit = rule.kind === 'failures' ? 'ratio' : 'us'
  const since = timeOfUs(sinceUs)
  const figure = (value: number) => (unit === 'ratio' ? rounded(value) : value)
  const alert = {
    version: 1,
    record: 'alert',
    alert_id: alertId(rule.name, key, since),
    state,
    rule: rule.name,
    kind: rule.kind,
    severity: rule.severity,
    key,
    since,
    time: timeOfUs(windowStartUs + rule.windowUs),
    window_s: rule.windowUs / 1_000_000,
    ...(seesAll && { connects: judgement.connects }),
    bad: judgement.bad,
    observed: figure(judgement.observed),
    threshold: figure(judgement.threshold),
    unit,
    ...(judgement.usual !== undefined && { usual: judgement.usual }),
    outcomes: outcomesOf(outcomes),
    causes: sharesOf(causes),
    likely_cause: likelyCause(causes),
    examples: worst.map(exampleOf),
  } as const
  return { ...alert, summary: summaryOf(alert) }
}

/** The end of an alert: of the last window that was bad. */
export function resolvedAlert(last: Alert): Alert {
  const { summary: _, ...alert } = { ...last, state: 'resolved' as const }
  return { ...alert, summary: summaryOf(alert) }
}

/** What is told twice, by a replay or after a restart, has the same id. */
function alertId(rule: string, key: Key, since: string): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, key, since]))
    .digest('hex')
    .slice(0, 24)
}
