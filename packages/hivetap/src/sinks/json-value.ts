import type { FieldValue } from '../probes/tool.js'
import { jsonString } from '../stream/printable.js'

/** A field's value as it stands in a line of JSON. */
export function jsonValue(value: FieldValue): string {
  if (typeof value === 'string') return jsonString(value)
  if (typeof value === 'object') return `[${value.map(jsonString).join(',')}]`
  return String(value)
}
