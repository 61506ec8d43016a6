import type { Alert } from '../../../detect/alert.js'
import { causeWords, measure, timeOfSeconds, whatIsBad, whose } from '../../../detect/alert-words.js'
import { lasted } from '../../../detect/summary-of.js'
import { alertJson } from '../alert-json.js'
import { alertText, causesText, exampleText } from '../alert-text.js'

/** What a field of a template is in an alert; `undefined` where the alert has none. */
export type FieldValue = string | number | boolean | undefined

/** A field that templates may name. */
export interface AlertField {
  /** What it is, for the reference. */
  readonly doc: string
  /** Whether it is JSON already: an object, that stands in no text. */
  readonly json?: true
  of(alert: Alert): FieldValue
}

const field = (doc: string, of: (alert: Alert) => FieldValue): AlertField => ({ doc, of })

/** All fields, by the names that templates have for them. */
export const ALERT_FIELDS: Readonly<Record<string, AlertField>> = {
  summary: field('All of it in one line', ({ summary }) => summary),
  text: field('The alert as `-o text` tells it: one to four lines', alertText),
  details: field('The lines of `text` behind the first', (alert) => lines(alert).slice(1).join('\n')),
  what: field('What the rule finds bad: `slow connects`', ({ kind }) => whatIsBad(kind)),
  whose: field('The key in words: `to db:5432 from web`', ({ key }) => whose(key)),
  observed_text: field('What was measured, as people read it: `340 ms`', (alert) =>
    measure(alert.observed, alert.unit),
  ),
  threshold_text: field('What it was held against, likewise', (alert) =>
    measure(alert.threshold, alert.unit),
  ),
  usual_text: field('What is usual, likewise; only of a baseline', ({ usual, unit }) =>
    usual === undefined ? undefined : measure(usual, unit),
  ),
  window_text: field('Length of a window: `1 min`', ({ window_s }) => timeOfSeconds(window_s)),
  lasted: field('How long it has lasted: `5 min`', lasted),
  causes: field('The causes by share, in words', causesText),
  cause_text: field('The likely cause, in words', ({ likely_cause }) => causeWords(likely_cause)),
  worst: field('The worst connect, in a line', ({ examples: [worst] }) =>
    worst === undefined ? undefined : exampleText(worst),
  ),
  examples: field('The examples, a line each', ({ examples }) => examples.map(exampleText).join('\n')),
  alert_id: field('The same from open to resolved', ({ alert_id }) => alert_id),
  state: field('`open`, `update` or `resolved`', ({ state }) => state),
  rule: field('Name of the rule', ({ rule }) => rule),
  kind: field('What the rule asks', ({ kind }) => kind),
  severity: field('`warning` or `critical`', ({ severity }) => severity),
  'key.host': field('The host, if the rule looks at each', ({ key }) => key.host),
  'key.comm': field('The program, likewise', ({ key }) => key.comm),
  'key.source': field('The source workload, likewise', ({ key }) => key.source),
  'key.destination': field('The destination, likewise', ({ key }) => key.destination),
  since: field('Start of the first bad window: RFC 3339', ({ since }) => since),
  time: field('End of the window: RFC 3339', ({ time }) => time),
  window_s: field('Seconds of a window', ({ window_s }) => window_s),
  connects: field('Connects in the window', ({ connects }) => connects),
  bad: field('The bad ones of them', ({ bad }) => bad),
  observed: field('What was measured, in `unit`', ({ observed }) => observed),
  threshold: field('What it was held against', ({ threshold }) => threshold),
  usual: field('What is usual; only of a baseline', ({ usual }) => usual),
  unit: field('`us` or `ratio`', ({ unit }) => unit),
  likely_cause: field('The likely cause, by its name', ({ likely_cause }) => likely_cause),
  is_open: field('Whether it opened now', ({ state }) => state === 'open'),
  is_update: field('Whether it became worse', ({ state }) => state === 'update'),
  is_resolved: field('Whether it is over', ({ state }) => state === 'resolved'),
  is_critical: field('Whether it is critical', ({ severity }) => severity === 'critical'),
  alert: { doc: 'The whole alert as JSON, as `-o json` has it', json: true, of: alertJson },
}

function lines(alert: Alert): readonly string[] {
  return alertText(alert).split('\n')
}
