import { RULE_KINDS, SEVERITIES } from '../../detect/alert.js'
import { DIMENSIONS } from '../../detect/dimension.js'
import { OUTCOMES } from '../../detect/observation.js'
import { CAUSES } from '../../probes/connects/cause.js'
import type { JsonSchema } from '../json-schema.js'

const time = (description: string) => ({
  type: 'string',
  pattern: '^[0-9-]{10}T[0-9:]{8}(\\.[0-9]+)?Z$',
  description,
})
const number = (description: string) => ({ type: 'number', minimum: 0, description })
const text = (description: string) => ({ type: 'string', description })
const by = (names: readonly string[], value: JsonSchema, description: string) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, value])),
  additionalProperties: false,
  description,
})

const EXAMPLE: Readonly<Record<string, JsonSchema>> = {
  time: time('When it ended, or was seen hanging: RFC 3339, UTC'),
  event_id: text('The event’s own id, where it has one'),
  host: text('Name of the host'),
  pid: { type: 'integer', minimum: 0, description: 'Process that connected' },
  comm: text('Its name: the first 15 bytes'),
  destination: text('Where it connected to: a service, or address:port'),
  latency_us: number('How long it took, or hangs: microseconds'),
  outcome: { enum: OUTCOMES, description: 'How it ended' },
  cause: { enum: CAUSES, description: 'Why it took so long' },
}

const FIELDS: Readonly<Record<string, JsonSchema>> = {
  version: { const: 1, description: 'Version of alerts' },
  record: { const: 'alert', description: 'Tells it from events' },
  alert_id: text('The same from open to resolved, and in a replay'),
  state: {
    enum: ['open', 'update', 'resolved'],
    description: 'That it opened, became much worse, is over',
  },
  rule: text('Name of the rule'),
  kind: { enum: RULE_KINDS, description: 'What the rule asks' },
  severity: { enum: SEVERITIES, description: 'How bad the rule calls it' },
  key: by(DIMENSIONS, { type: 'string' }, 'Whose connects, and to where: the rule’s dimensions'),
  since: time('Start of the first bad window: RFC 3339, UTC'),
  time: time('End of the window that this is told of; of a resolved one, of the last bad window'),
  window_s: number('Seconds of a window'),
  connects: number(
    'Connects of the key in the window; samples stand for as many as they were taken of. Absent where only slow ones were looked at',
  ),
  bad: number('Those that the rule is about: took too long, failed, hang'),
  observed: { type: 'number', description: 'What was measured, in the unit of `unit`' },
  threshold: { type: 'number', description: 'What it was held against' },
  unit: { enum: ['us', 'ratio'], description: 'Microseconds, or a share of 1' },
  usual: { type: 'number', description: 'The median of past windows; of a baseline' },
  outcomes: by(OUTCOMES, { type: 'number', minimum: 0 }, 'Of the bad ones, how many ended how'),
  causes: by(
    CAUSES,
    { type: 'number', minimum: 0, maximum: 1 },
    'Share of each known cause, of the bad ones',
  ),
  likely_cause: { enum: CAUSES, description: 'The cause with more than half; `unknown` without one' },
  examples: {
    type: 'array',
    maxItems: 3,
    description: 'The worst of the bad ones',
    items: {
      type: 'object',
      required: ['time', 'destination', 'outcome', 'cause'],
      properties: EXAMPLE,
    },
  },
  summary: text('All of it in one line'),
}

/** Not of every rule. */
const OPTIONAL = ['usual', 'connects']

/** The schema of an alert, as a line of `detect -o json`, a record of a topic or the body of a webhook has it. */
export function alertSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'hivetap alert',
    description: 'What is told of an alert. Fields may be added without a new version',
    type: 'object',
    required: Object.keys(FIELDS).filter((name) => !OPTIONAL.includes(name)),
    properties: FIELDS,
  }
}
