import { Option } from 'commander'
import type { ConfigKey, KeyGroup } from '../agent/config/config-key.js'
import { type GivenFlag, SINK_FLAG } from '../agent/config/flag-values.js'

/** A flag of the agent: the option, and what it says. */
interface AgentFlag {
  readonly option: Option
  readonly key: ConfigKey
  readonly sink?: string
}

/** The flags of all keys that have one, each under the heading of its group. */
export function agentFlags(groups: readonly KeyGroup[]): readonly AgentFlag[] {
  return groups.flatMap(({ name, help, sink, keys }) =>
    keys
      .filter(({ flag }) => flag !== undefined)
      .map((key) => ({
        option: optionOfKey(key).helpGroup(heading(name, help, sink)),
        key,
        ...(sink === undefined ? {} : { sink }),
      })),
  )
}

/** `--sink TYPE`, for a sink of which nothing needs to be said. */
export function sinkOption(types: readonly string[]): Option {
  const option = new Option(`${SINK_FLAG} <TYPE>`, 'a sink of this type; a flag of a sink says so too')
    .argParser((text: string, before: readonly string[] = []) => [
      ...new Set([...before, ...text.split(',')]),
    ])
    .helpGroup(SINKS_HEADING)
  if (types.length > 0) option.argChoices = [...types]
  return option
}

/** Which flags were given, with their texts. */
export function givenFlags(
  flags: readonly AgentFlag[],
  values: Readonly<Record<string, unknown>>,
): readonly GivenFlag[] {
  return flags.flatMap(({ option, key, sink }) => {
    const given = values[option.attributeName()] as GivenFlag['given'] | undefined
    return given === undefined ? [] : [{ key, given, ...(sink === undefined ? {} : { sink }) }]
  })
}

const SINKS_HEADING = 'Where events go:'

function heading(name: string, help: string, sink: string | undefined): string {
  if (sink !== undefined) return `Sink ${sink}${help === '' ? '' : `, ${lowerFirst(help)}`}:`
  return name === '' ? 'What runs:' : `${help}:`
}

/** What may stand as its value is said by the schema, which names all that is wrong at once. */
function optionOfKey({ flag = '', type, value, help, choices, default: usual }: ConfigKey): Option {
  const text = usual === undefined ? help : `${help} (default: ${usual})`
  const option = new Option(type === 'boolean' ? `${flag} [BOOL]` : `${flag} <${value}>`, lowerFirst(text))
  if (type === 'texts') option.argParser((more: string, before: readonly string[] = []) => [...before, more])
  if (type === 'boolean') option.argChoices = ['true', 'false']
  else if (choices !== undefined) option.argChoices = [...choices]
  return option
}

function lowerFirst(text: string): string {
  return /^[A-Z](?![A-Z])/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text
}
