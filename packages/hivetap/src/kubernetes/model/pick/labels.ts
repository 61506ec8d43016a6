import { membersOf } from './fields.js'

/** What may be a label's name and its value, as the API server holds them to. */
const KEY = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/
/** The API has no bound of its own. A pod has ten or twenty. */
const MOST = 256

export function isLabelKey(text: string): boolean {
  return text.length <= 317 && KEY.test(text)
}

export function isLabelValue(text: string): boolean {
  return text.length <= 63 && VALUE.test(text)
}

export interface PickedLabels {
  readonly labels: ReadonlyMap<string, string>
  /** There were more, which are left out. */
  readonly cut: boolean
}

/** The labels of an object, from its metadata. */
export function labelsOf(value: unknown): PickedLabels {
  const labels = new Map<string, string>()
  const members = membersOf(value)
  let cut = false
  for (const key of Object.keys(members)) {
    const text = members[key]
    if (labels.size < MOST && isLabelKey(key) && typeof text === 'string' && isLabelValue(text))
      labels.set(key, text)
    else cut = true
  }
  return { labels, cut }
}
