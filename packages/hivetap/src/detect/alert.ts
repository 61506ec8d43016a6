import type { Cause } from '../probes/connects/cause.js'
import type { Key } from './dimension.js'
import type { Outcome } from './observation.js'

/** What a rule asks. */
export const RULE_KINDS = ['over', 'failures', 'stuck', 'baseline'] as const
export type RuleKind = (typeof RULE_KINDS)[number]

export const SEVERITIES = ['warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** A connect that shows what an alert speaks of. */
export interface AlertExample {
  /** RFC 3339, UTC, microseconds. */
  readonly time: string
  readonly event_id?: string
  readonly host?: string
  readonly pid?: number
  readonly comm?: string
  readonly destination: string
  readonly latency_us?: number
  readonly outcome: Outcome
  readonly cause: Cause
}

/**
 * What is told of an alert: that it opened, that it became much worse, that it is over. One line of JSON each (`detect -o
 * json`), one record of a topic. A replay of the same events tells the same, to the letter.
 */
export interface Alert {
  readonly version: 1
  readonly record: 'alert'
  /** The same from open to resolved, and in a replay: made of the rule, the key and when it began. */
  readonly alert_id: string
  readonly state: 'open' | 'update' | 'resolved'
  readonly rule: string
  readonly kind: RuleKind
  readonly severity: Severity
  /** Whose connects, and to where: the rule's dimensions. */
  readonly key: Key
  /** Start of the first window that the rule found bad: RFC 3339, UTC. */
  readonly since: string
  /** End of the window that this is told of: RFC 3339, UTC. Of a resolved one: end of the last bad window. */
  readonly time: string
  /** Seconds of a window. */
  readonly window_s: number
  /**
   * Connects of the key in the window, as far as they were sampled: weights summed up. Absent where only those that took too
   * long were looked at.
   */
  readonly connects?: number
  /** Those of them that the rule is about: took too long, failed, hang. */
  readonly bad: number
  /** What was measured, in the unit that `unit` says. */
  readonly observed: number
  /** What it was held against. */
  readonly threshold: number
  readonly unit: 'us' | 'ratio'
  /** What is usual: the median of past windows. Only of a baseline. */
  readonly usual?: number
  /** Of the bad ones, how many ended how. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>
  /** Of the bad ones whose cause is known, the share of each: sums up to 1. */
  readonly causes: Readonly<Partial<Record<Cause, number>>>
  /** The cause of more than half of the bad ones; `unknown` without such a one. */
  readonly likely_cause: Cause
  /** The worst three of the bad ones. */
  readonly examples: readonly AlertExample[]
  /** Of what one line of text says. */
  readonly summary: string
}

/** Where alerts go. */
export interface AlertSink {
  /** What it is called in the log. */
  readonly name: string
  /**
   * Tells alerts, in their order. Once it returns, the far end has them.
   *
   * @throws {DeliveryError} if it could not: whoever calls tries again, so a far end may be told twice
   */
  tell(alerts: readonly Alert[], signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
