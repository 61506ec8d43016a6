import { FAR_END_FIELDS, type IdentityFieldName, SOURCE_FIELDS } from '../kubernetes/identity-fields.js'
import { CAUSES } from '../probes/connects/cause.js'
import { COUNTED_BY, ENVELOPE, type JsonSchema, SAMPLE } from './json-schema.js'

/** What a field of a summary is: `time` RFC 3339, `counts` numbers by name, `cells` bytes as base64. */
export type SummaryFieldType = 'string' | 'integer' | 'boolean' | 'time' | 'counts' | 'cells' | 'examples'

/** A field of a record of the kind `summary`. */
export interface SummaryField {
  readonly name: string
  readonly type: SummaryFieldType
  readonly doc: string
  /** Whether each has it. */
  readonly required?: true
}

/** What of whose a connect is belongs to a summary's key: what detection tells sources and destinations by. */
export const KEY_IDENTITY = [
  'k8s_namespace',
  'k8s_workload_kind',
  'k8s_workload',
  'destination_service',
  'destination_service_namespace',
  'destination_service_port',
] as const satisfies readonly IdentityFieldName[]

/** What a summary says behind the envelope, in the order in which it stands. */
export const SUMMARY_FIELDS: readonly SummaryField[] = [
  { name: 'window_end', type: 'time', doc: 'End of the window; `time` is its beginning', required: true },
  {
    name: 'other',
    type: 'boolean',
    doc: 'Of all keys that had no room for one of their own; then without a key',
  },
  { name: 'comm', type: 'string', doc: 'Name of the thread that asked for the connections' },
  { name: 'destination_address', type: 'string', doc: 'Remote address' },
  { name: 'destination_port', type: 'integer', doc: 'Remote port' },
  ...[...SOURCE_FIELDS, ...FAR_END_FIELDS]
    .filter(({ name }) => KEY_IDENTITY.some((each) => each === name))
    .map(({ name, doc }) => ({ name, type: 'string', doc }) as const),
  { name: 'events', type: 'integer', doc: 'Connects that it stands for, each once', required: true },
  { name: 'outcomes', type: 'counts', doc: 'How many ended how', required: true },
  {
    name: 'causes',
    type: 'counts',
    doc: 'Why they took as long as they did, where that is known',
    required: true,
  },
  { name: 'retransmitted', type: 'integer', doc: 'Those of which a SYN was sent again', required: true },
  { name: 'latency_sum_us', type: 'integer', doc: 'Sum of their latencies' },
  { name: 'latency_min_us', type: 'integer', doc: 'The least of them' },
  { name: 'latency_max_us', type: 'integer', doc: 'The greatest of them' },
  {
    name: 'cells',
    type: 'cells',
    doc: 'By outcome and cause, how many they are and a sketch of their latencies',
    required: true,
  },
  { name: 'examples', type: 'examples', doc: 'The slowest, three at most; they are counted too' },
]

/** What is told of an example. */
export const SUMMARY_EXAMPLE_FIELDS: readonly SummaryField[] = [
  { name: 'time', type: 'time', doc: 'When it ended', required: true },
  { name: 'pid', type: 'integer', doc: 'Process that asked for the connection' },
  { name: 'latency_us', type: 'integer', doc: 'How long it took' },
  { name: 'outcome', type: 'string', doc: 'How it ended', required: true },
  {
    name: 'cause',
    type: 'string',
    doc: `Why it took as long: ${CAUSES.join(', ')}; not there where that is not known`,
  },
]

const TYPES: Readonly<Record<SummaryFieldType, () => JsonSchema>> = {
  string: () => ({ type: 'string' }),
  integer: () => ({ type: 'integer', minimum: 0 }),
  boolean: () => ({ const: true }),
  time: () => ({ type: 'string', pattern: '^[0-9-]{10}T[0-9:]{8}\\.[0-9]{6,9}Z$' }),
  counts: () => ({ type: 'object', additionalProperties: { type: 'integer', minimum: 1 } }),
  cells: () => ({ type: 'string', contentEncoding: 'base64' }),
  examples: () => ({ type: 'array', maxItems: 3, items: objectOf(SUMMARY_EXAMPLE_FIELDS) }),
}

/** The schema of a record of the kind `summary`. Fields may be added without a new version of the envelope. */
export function summarySchema(): JsonSchema {
  const envelope = ENVELOPE.map(({ name, doc, schema }) => [name, { ...schema, description: doc }] as const)
  const { required, properties } = objectOf(SUMMARY_FIELDS)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'hivetap summary',
    description: 'Connects of one key that ended within a window, told together',
    type: 'object',
    required: [...ENVELOPE.map(({ name }) => name), 'record', ...required],
    properties: {
      ...Object.fromEntries(envelope),
      record: { const: 'summary', description: 'Tells it from events' },
      [SAMPLE.name]: { type: 'integer', minimum: 1, description: SAMPLE.doc },
      [COUNTED_BY.name]: { type: 'string', description: COUNTED_BY.doc },
      ...properties,
    },
  }
}

function objectOf(fields: readonly SummaryField[]) {
  return {
    type: 'object',
    required: fields.filter(({ required }) => required === true).map(({ name }) => name),
    properties: Object.fromEntries(
      fields.map(({ name, type, doc }) => [name, { ...TYPES[type](), description: doc }]),
    ),
  }
}
