import { integerOf, type LabelRequirement } from './label-selector.js'

/**
 * Whether labels meet a requirement, as the API server sees it: what may not be a value is met by a label that is not there.
 *
 * @param cut there were more labels: one that is missing may be there, and then meets nothing
 */
export function meets(
  labels: ReadonlyMap<string, string>,
  { key, operator, values }: LabelRequirement,
  cut = false,
): boolean {
  const value = labels.get(key)
  if (value === undefined) return !cut && (operator === 'notin' || operator === 'absent')
  switch (operator) {
    case 'exists':
      return true
    case 'absent':
      return false
    case 'in':
      return values.includes(value)
    case 'notin':
      return !values.includes(value)
    default: {
      const [number, limit] = [integerOf(value), integerOf(values[0] ?? '')]
      if (number === undefined || limit === undefined) return false
      return operator === '>' ? number > limit : number < limit
    }
  }
}
