import type { Alert } from './alert.js'
import { measure, timeOfSeconds, whatIsBad, whose } from './alert-words.js'

/**
 * The one line that an alert has in `summary`: what, whose, how bad against what. Printable, without a line end; for nothing
 * but the alert itself, so that a replay has the same.
 */
export function summaryOf(alert: Omit<Alert, 'summary'>): string {
  const { state, kind, key } = alert
  const what = `${whatIsBad(kind)} ${whose(key)}`
  if (state === 'resolved') return `Over: ${what}, after ${lasted(alert)}`
  const begin = state === 'update' ? `Worse: ${what}` : what.charAt(0).toUpperCase() + what.slice(1)
  return `${begin}: ${howBad(alert)}`
}

/** `340 ms against 100 ms (usually 80 ms), 12 of 340 connects in 60 s`. */
export function howBad(alert: Omit<Alert, 'summary'>): string {
  const { observed, threshold, unit, usual, bad, connects, window_s, kind } = alert
  const usually = usual === undefined ? '' : ` (usually ${measure(usual, unit)})`
  const against = `${measure(observed, unit)} against ${measure(threshold, unit)}${usually}`
  const of = connects === undefined || kind === 'stuck' ? '' : ` of ${count(connects)}`
  return `${against}, ${count(bad)}${of} connects in ${timeOfSeconds(window_s)}`
}

/** How long an alert has lasted by its own times: `5 min`. */
export function lasted({ since, time }: Pick<Alert, 'since' | 'time'>): string {
  const ms = Date.parse(time) - Date.parse(since)
  return Number.isFinite(ms) ? timeOfSeconds(Math.max(0, Math.round(ms / 1000))) : 'an unknown time'
}

/** Weights of samples may add up to a fraction. */
function count(connects: number): string {
  return String(Math.round(connects))
}
