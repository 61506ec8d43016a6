import type { AnyTool, FieldType } from '../probes/tool.js'
import { ENVELOPE_VERSION } from '../stream/envelope.js'
import { recordFields } from './record-fields.js'

/** A JSON Schema, or a part of one: draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What every line begins with. */
export const ENVELOPE = [
  {
    name: 'version',
    doc: `Version of this envelope: ${ENVELOPE_VERSION}`,
    schema: { const: ENVELOPE_VERSION },
  },
  {
    name: 'event_id',
    doc: 'Unique across a fleet: a UUID of the run, and a number that counts without holes',
    schema: { type: 'string', pattern: '^[0-9a-f-]{36}-[0-9]+$' },
  },
  {
    name: 'time',
    doc: 'When it happened: RFC 3339, UTC, nanoseconds',
    schema: { type: 'string', pattern: '^[0-9-]{10}T[0-9:]{8}\\.[0-9]{9}Z$' },
  },
  { name: 'host', doc: 'Name of the host', schema: { type: 'string' } },
  { name: 'tool', doc: 'Name of the tool', schema: { type: 'string' } },
] as const

/** Behind it, where one of so many events is told. */
export const SAMPLE = { name: 'sample', doc: 'With --sample: this event stands for so many' } as const
/** And where another tool of the same run tells the same connect. */
export const COUNTED_BY = {
  name: 'counted_by',
  doc: 'Where another tool of the same run tells this connect too: the one whose event counts. Whoever counts connects leaves this out',
} as const

/** What stands behind the envelope, in this order, of events of a tool, where there is reason to. */
export function afterEnvelope({ connects }: Pick<AnyTool, 'connects'>) {
  return connects === undefined ? [SAMPLE] : [SAMPLE, COUNTED_BY]
}

const count = { type: 'integer', minimum: 0 }

/** The account of a run: `--stats`. */
const LEDGER: Readonly<Record<string, JsonSchema>> = {
  record: { const: 'ledger', description: 'Tells it from events' },
  ended: { type: 'boolean', description: 'Whether the run has ended: then it is final' },
  produced: { ...count, description: 'What there was to tell' },
  delivered: { ...count, description: 'Told' },
  summarised: { ...count, description: 'Of these, those in summaries; only where an agent tells of such' },
  filtered: { ...count, description: 'Left out by filters' },
  sampled_out: { ...count, description: 'Left out by sampling' },
  in_flight: { type: 'integer', description: 'Begun and not ended, or on their way to be told' },
  dropped: { type: 'object', additionalProperties: count, description: 'Lost, by reason' },
  truncated: { ...count, description: 'Told with a text that was cut' },
  missed_runs: { ...count, description: 'Times that the kernel did not run a program' },
}

const TYPES: Readonly<Record<FieldType, JsonSchema>> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  strings: { type: 'array', items: { type: 'string' } },
}

/** The schema of a line that a tool writes with `-o json`: an event, or an account. Fields may be added without a new version. */
export function jsonSchema(tool: AnyTool): JsonSchema {
  const envelope = Object.fromEntries(
    ENVELOPE.map(({ name, doc, schema }) => [
      name,
      { ...(name === 'tool' ? { const: tool.name } : schema), description: doc },
    ]),
  )
  const fields = Object.fromEntries(
    recordFields(tool).map(({ name, doc, type, labels }) => [
      name,
      { ...TYPES[type], ...(labels === undefined ? {} : { enum: labels }), description: doc },
    ]),
  )
  const required = ENVELOPE.map(({ name }) => name)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `${tool.name} -o json`,
    description: `${tool.summary}: a line of its output`,
    oneOf: [
      {
        title: 'event',
        type: 'object',
        required,
        properties: {
          ...envelope,
          [SAMPLE.name]: { type: 'integer', minimum: 1, description: SAMPLE.doc },
          ...(tool.connects === undefined
            ? {}
            : { [COUNTED_BY.name]: { type: 'string', description: COUNTED_BY.doc } }),
          ...fields,
        },
        not: { required: ['record'] },
      },
      {
        title: 'ledger',
        type: 'object',
        required: [...required, ...Object.keys(LEDGER).filter((name) => name !== 'summarised')],
        properties: { ...envelope, ...LEDGER },
      },
    ],
  }
}
