import type { Alert, AlertExample } from '../../detect/alert.js'
import {
  causeWords,
  name,
  outcomeWords,
  percent,
  timeOfUs,
  whatIsBad,
  whose,
} from '../../detect/alert-words.js'
import type { Outcome } from '../../detect/observation.js'
import { howBad, lasted } from '../../detect/summary-of.js'
import type { Cause } from '../../probes/connects/cause.js'
import { printable } from '../../stream/printable.js'

const STATES: Readonly<Record<Alert['state'], string>> = {
  open: 'OPEN',
  update: 'WORSE',
  resolved: 'RESOLVED',
}

/**
 * An alert for people, in one to four lines without a line end behind the last: state, what, whose, how bad against what;
 * since when; the likely cause; the worst connect. Printable: what hosts wrote cannot act on a terminal, nor break a line.
 */
export function alertText(alert: Alert): string {
  const what = `${STATES[alert.state]} ${alert.severity}: ${whatIsBad(alert.kind)} ${whose(alert.key)}`
  const when = `  since ${timeForPeople(alert.since)}, rule ${name(alert.rule)}`
  if (alert.state === 'resolved') return `${what}, after ${lasted(alert)}\n${when}`
  const [worst] = alert.examples
  return [
    `${what}: ${howBad(alert)}`,
    `${when}${outcomesText(alert.outcomes)}`,
    `  ${causesText(alert)}`,
    ...(worst === undefined ? [] : [`  worst: ${exampleText(worst)}`]),
  ].join('\n')
}

/** A connect that shows what an alert speaks of, in one line. */
export function exampleText(example: AlertExample): string {
  const { time, host, pid, comm, destination, latency_us, outcome, cause } = example
  const program = comm === undefined || comm === '' ? '' : ` ${name(comm)}`
  const process = pid === undefined || pid === 0 ? program : `${program || ' pid '}[${pid}]`
  const on = host === undefined || host === '' ? '' : ` on ${name(host)}`
  const facts = [
    ...(latency_us === undefined || latency_us < 0 ? [] : [timeOfUs(latency_us)]),
    outcomeWords(outcome),
    ...(cause === 'unknown' ? [] : [causeWords(cause)]),
  ]
  return `${timeForPeople(time)}${process}${on} to ${name(destination)}: ${facts.join(', ')}`
}

/** `likely cause: SYN lost on the way (83 %), then … (17 %)`; without one that has more than half, all that are known. */
export function causesText({ causes, likely_cause }: Pick<Alert, 'causes' | 'likely_cause'>): string {
  const shares = sorted<Cause>(causes).map(([cause, share]) => `${causeWords(cause)} (${percent(share)})`)
  if (shares.length === 0) return 'cause unknown'
  return likely_cause === 'unknown'
    ? `no cause stands out: ${shares.join(', ')}`
    : `likely cause: ${shares.join(', then ')}`
}

function outcomesText(outcomes: Alert['outcomes']): string {
  const parts = sorted<Outcome>(outcomes).map(
    ([outcome, count]) => `${Math.round(count)} ${outcomeWords(outcome)}`,
  )
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`
}

/** Of equal ones, by name: a replay says the same. */
function sorted<T extends string>(shares: Readonly<Partial<Record<T, number>>>): (readonly [T, number])[] {
  return (Object.entries(shares) as [T, number][])
    .filter(([, share]) => share > 0)
    .sort(([a, most], [b, next]) => next - most || (a < b ? -1 : 1))
}

/** `2026-11-28 03:12:41 UTC` */
function timeForPeople(time: string): string {
  const [, day, clock] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})/.exec(time) ?? []
  return day === undefined ? printable(time.slice(0, 40)) : `${day} ${clock} UTC`
}
