import type { Field, FieldType } from './tool.js'

/** What generated code says of a field of an event's struct. */
export interface StructField<E> {
  readonly name: string
  readonly property: keyof E & string
  /** As TypeScript writes it. */
  readonly type: string
  readonly doc: string
  /** Whether its zero value means that it is not known. */
  readonly optional: boolean
  readonly labels?: readonly string[]
}

/** Members of every event's struct that are not its own: the envelope has them, or what they lead to. */
const HEAD = ['time_ns', 'tool_index', 'cgroup_key', 'process_start_ns', 'arguments_at']

/** The fields of an event, from what the C struct says of them. */
export function fieldsOf<E>(struct: readonly StructField<E>[]): Field<E>[] {
  return struct.flatMap((field): Field<E>[] => {
    const { name, property, doc, optional, labels } = field
    if (HEAD.includes(name)) return []
    const value = (event: E) => event[property] as ReturnType<Field<E>['value']>
    return [
      {
        name,
        doc,
        type: typeOf(field.type),
        ...(labels === undefined ? {} : { labels }),
        value: optional ? (event) => knownOf(value(event)) : value,
      },
    ]
  })
}

/** A value, unless it is the zero that stands for what is not known. */
function knownOf<V>(value: V): V | undefined {
  return value === 0 || value === '' || (Array.isArray(value) && value.length === 0) ? undefined : value
}

function typeOf(type: string): FieldType {
  switch (type) {
    case 'number':
      return 'integer'
    case 'boolean':
      return 'boolean'
    case 'readonly string[]':
      return 'strings'
    default:
      return 'string'
  }
}
