import type { AnyTool, FieldType } from '../../probes/tool.js'
import { recordFields } from '../record-fields.js'
import { SUMMARY_EXAMPLE_FIELDS, SUMMARY_FIELDS, type SummaryFieldType } from '../summary-fields.js'

/** Numbers of fields, by message: once given, a number stays with its field for ever. */
export type FieldNumbers = Readonly<Record<string, Readonly<Record<string, number>>>>

/** A field of a message of event.proto. */
export interface ProtoField {
  readonly name: string
  /** As event.proto has it: `optional int64`, `repeated string`, `map<string, int64>`. */
  readonly type: string
  readonly doc: string
}

/** A message of event.proto, told of a kind of record. */
export interface ProtoMessage {
  readonly name: string
  readonly doc: string
  readonly fields: readonly ProtoField[]
}

const TYPES: Readonly<Record<FieldType, string>> = {
  string: 'optional string',
  integer: 'optional int64',
  number: 'optional double',
  boolean: 'optional bool',
  strings: 'repeated string',
}

const field = (name: string, type: string, doc: string): ProtoField => ({ name, type, doc })

/** What every record has. Its time and its id stand in other words than in JSON: see the notes on each. */
export const ENVELOPE_FIELDS: readonly ProtoField[] = [
  field('version', 'uint32', 'Version of the envelope: 1'),
  field('event_id', 'string', 'Unique across a fleet: the epoch, and a number that counts without holes'),
  field('time_unix_nano', 'fixed64', 'When it happened: nanoseconds since 1970, UTC'),
  field('host', 'string', 'Name of the host'),
  field('tool', 'string', 'Name of the tool; empty for a record of the agent’s own'),
  field('sample', 'optional int64', 'This event stands for so many'),
  field(
    'counted_by',
    'optional string',
    'Another tool tells this connect too, and its event is the one that counts',
  ),
  field(
    'extra_json',
    'optional string',
    'What this version of the schema has no field for, as a JSON object: nothing is left out',
  ),
]

const integers = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([name, doc]) => field(name, 'optional int64', doc))

const SUMMARY_TYPES: Readonly<Record<SummaryFieldType, string>> = {
  string: 'optional string',
  integer: 'optional int64',
  boolean: 'optional bool',
  time: 'optional string',
  counts: 'map<string, int64>',
  cells: 'optional bytes',
  examples: 'repeated SummaryExample',
}

/** Messages that are parts of others. */
const PARTS: readonly ProtoMessage[] = [
  {
    name: 'SummaryExample',
    doc: 'A connect of a summary, counted in it too',
    fields: SUMMARY_EXAMPLE_FIELDS.map(({ name, type, doc }) => field(name, SUMMARY_TYPES[type], doc)),
  },
]

/** Records beside events, by what `record` says in JSON. */
const ACCOUNTS: Readonly<Record<string, ProtoMessage>> = {
  summary: {
    name: 'Summary',
    doc: 'Connects of one key that ended within a window, told together',
    fields: SUMMARY_FIELDS.map(({ name, type, doc }) => field(name, SUMMARY_TYPES[type], doc)),
  },
  ledger: {
    name: 'Ledger',
    doc: 'The account of a tool: produced = delivered + filtered + sampled_out + the sum of dropped + in_flight',
    fields: [
      field('ended', 'optional bool', 'Whether the run has ended: then it is final'),
      ...integers({
        produced: 'What there was to tell',
        delivered: 'Told',
        summarised: 'Of these, those in summaries',
        filtered: 'Left out by filters',
        sampled_out: 'Left out by sampling',
        in_flight: 'Begun and not ended, or on their way to be told',
      }),
      field('dropped', 'map<string, int64>', 'Lost, by reason'),
      ...integers({
        truncated: 'Told with a text that was cut',
        missed_runs: 'Times that the kernel did not run a program',
      }),
    ],
  },
  epoch: {
    name: 'Epoch',
    doc: 'A run of the agent, or several that go on with the same programs in the kernel',
    fields: [
      field('state', 'optional string', 'started, running, ended or cut'),
      field('epoch', 'optional string', 'Which: a UUID'),
      ...integers({
        sequences: 'Sequences that were used up, with this record’s own',
        events: 'Of these, events',
        summaries: 'Of these, summaries',
        summarised: 'Events that stand in them',
      }),
    ],
  },
  loss: {
    name: 'Loss',
    doc: 'Records that do not reach a destination',
    fields: [
      field('sink', 'optional string', 'The destination'),
      field('epoch', 'optional string', 'The epoch that they are of'),
      field('reason', 'optional string', 'Why'),
      ...integers({
        count: 'How many',
        first_sequence: 'The first of them',
        last_sequence: 'The last of them',
      }),
    ],
  },
}

/** Messages by the kind of record that they are of: the name of a tool, or what `record` says. */
export function messagesFor(tools: readonly AnyTool[]): ReadonlyMap<string, ProtoMessage> {
  const events = tools.map((tool): [string, ProtoMessage] => [
    tool.name,
    {
      name: messageName(tool.name),
      doc: tool.summary,
      fields: recordFields(tool).map(({ name, type, doc }) => field(name, TYPES[type], doc)),
    },
  ])
  return new Map([...events, ...Object.entries(ACCOUNTS)])
}

/** `tcpconnlat` → `Tcpconnlat` */
function messageName(tool: string): string {
  return tool.charAt(0).toUpperCase() + tool.slice(1)
}

/** Gives numbers to fields that have none, each the next that its message never had. */
export function withNewNumbers(tools: readonly AnyTool[], known: FieldNumbers): FieldNumbers {
  const messages = messagesFor(tools)
  const numbered = (name: string, fields: readonly string[]) => {
    const numbers = { ...known[name] }
    let next = Math.max(0, ...Object.values(numbers)) + 1
    for (const one of fields) numbers[one] ??= next++
    return numbers
  }
  const kinds = [...messages.keys()]
  return {
    Event: numbered('Event', [...ENVELOPE_FIELDS.map(({ name }) => name), ...kinds]),
    ...Object.fromEntries(
      [...messages.values(), ...PARTS].map(({ name, fields }) => [
        name,
        numbered(
          name,
          fields.map((one) => one.name),
        ),
      ]),
    ),
  }
}

/**
 * event.proto as text. Numbers of fields that are there no more are reserved.
 *
 * @throws if a field has no number
 */
export function eventProto(tools: readonly AnyTool[], numbers: FieldNumbers): string {
  const messages = messagesFor(tools)
  const kinds = [...messages].map(([kind, { name, doc }]) => field(kind, name, doc))
  const event = [
    ...fieldLines('Event', ENVELOPE_FIELDS, numbers, kinds),
    '',
    '  // What it tells; nothing where extra_json has it all.',
    '  oneof record {',
    ...fieldLines('Event', kinds, numbers, undefined).map((line) => `  ${line}`),
    '  }',
  ]
  const others = [...messages.values(), ...PARTS].flatMap(({ name, doc, fields }) => [
    '',
    `// ${doc}.`,
    `message ${name} {`,
    ...fieldLines(name, fields, numbers, []),
    '}',
  ])
  return `${[
    '// Generated by scripts/generate-proto.mjs from the tools’ definitions and field-numbers.json; do not edit.',
    'syntax = "proto3";',
    '',
    'package hivetap.v1;',
    '',
    '// A record: an event of a tool, or an account. A field that is absent could not be told.',
    'message Event {',
    ...event,
    '}',
    ...others,
  ].join('\n')}\n`
}

function fieldLines(
  message: string,
  fields: readonly ProtoField[],
  numbers: FieldNumbers,
  besides: readonly ProtoField[] | undefined,
): string[] {
  const known = numbers[message] ?? {}
  const names = new Set([...fields, ...(besides ?? [])].map(({ name }) => name))
  const gone = besides === undefined ? [] : Object.entries(known).filter(([name]) => !names.has(name))
  return [
    ...gone.map(([name, number]) => `  reserved ${number}; // was ${name}`),
    ...fields.flatMap(({ name, type, doc }) => {
      const number = known[name]
      if (number === undefined)
        throw new Error(`Field ${name} of ${message} has no number: npm run generate gives it one.`)
      return [`  // ${doc}`, `  ${type} ${name} = ${number};`]
    }),
  ]
}
