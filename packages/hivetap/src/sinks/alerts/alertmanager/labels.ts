import { createHash } from 'node:crypto'
import type { Alert, RuleKind } from '../../../detect/alert.js'
import { DIMENSIONS } from '../../../detect/dimension.js'
import { printable } from '../../../stream/printable.js'

/** Characters of a value at most: hosts write them, and Alertmanager keeps them in memory. */
const MOST_VALUE = 200

/** The labels that alerts have by themselves. */
export const OWN_LABELS: readonly string[] = ['alertname', 'severity', 'rule', 'kind', ...DIMENSIONS]

const NAMES: Readonly<Record<RuleKind, string>> = {
  over: 'HivetapSlowConnects',
  baseline: 'HivetapUnusuallySlowConnects',
  failures: 'HivetapFailingConnects',
  stuck: 'HivetapStuckConnects',
}

/** Labels by name. They are what Alertmanager knows an alert by: the same from open to resolved, unless its severity changes. */
export type Labels = Readonly<Record<string, string>>

/** The labels of an alert: a fixed number, each with a value that is printable and bounded. */
export function labelsOf({ kind, rule, severity, key }: Alert, more: Labels): Labels {
  const dimensions = DIMENSIONS.flatMap((dimension) => {
    const value = key[dimension]
    // An empty label is none to Alertmanager.
    return value === undefined || value === '' ? [] : [[dimension, labelValue(value)] as const]
  })
  return {
    ...more,
    alertname: NAMES[kind],
    severity,
    rule: labelValue(rule),
    kind,
    ...Object.fromEntries(dimensions),
  }
}

/** What had to be cut or made printable ends in a hash of what it was: two keys are never one alert. */
function labelValue(text: string): string {
  const shown = printable(text)
  if (shown === text && text.length <= MOST_VALUE) return text
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return `${printable(shown.slice(0, MOST_VALUE - 13))}~${hash}`
}
