import type { StructField } from './fields.js'

/** An event as its record has it: JSON. */
export type EventRecord = Readonly<Record<string, unknown>>

/**
 * Makes the event again that a record was made of, but for its time. What the record does not have is 0, empty or false, as it
 * was then; so is what is of another type.
 *
 * @param made what of the event stands in the record in other words
 */
export function eventOfRecord<E>(
  struct: readonly StructField<E>[],
  made: (record: EventRecord) => Partial<E> = () => ({}),
): (record: EventRecord) => E {
  const empty = struct.map(({ name, property, type }) => ({ name, property, none: noneOf(type) }))
  return (record) => {
    const event: Record<string, unknown> = {}
    for (const { name, property, none } of empty)
      event[property] = isLike(record[name], none) ? record[name] : none
    return { ...event, ...made(record) } as E
  }
}

function noneOf(type: string): unknown {
  switch (type) {
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'readonly string[]':
      return []
    default:
      return ''
  }
}

function isLike(value: unknown, none: unknown): boolean {
  if (Array.isArray(none)) return Array.isArray(value) && value.every((part) => typeof part === 'string')
  return typeof value === typeof none
}
