import type { z } from 'zod'
import type { AgentConfig } from '../agent.js'
import { type AnyDestinationKind, DESTINATION_KINDS } from '../destination-kinds.js'
import { ConfigError, type ConfigProblem, pathText } from './config-error.js'
import { type GivenFlag, layFlags } from './flag-values.js'
import { describeIssues } from './issues.js'
import { keysAt } from './keys-at.js'
import { nameSinks, sinkNameProblems, toolNameProblems } from './names.js'
import { readConfigFile } from './read-file.js'
import { agentSchema } from './schema.js'
import { toAgentConfig } from './to-agent-config.js'
import { parseYaml, type YamlSource } from './yaml-source.js'

/** Where a configuration comes from. */
export interface ConfigSources {
  readonly file?: string
  readonly flags?: readonly GivenFlag[]
  /** Types of sinks that are there with nothing said of them. */
  readonly sinkTypes?: readonly string[]
  readonly kinds?: readonly AnyDestinationKind[]
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Reads a configuration: what a flag says, else the file, else the default.
 *
 * @throws {ConfigError} with everything that is wrong with it
 */
export async function loadConfig(sources: ConfigSources): Promise<AgentConfig> {
  const { file, env = process.env } = sources
  const source = file === undefined ? undefined : parseYaml(await readConfigFile(file), file)
  return resolveConfig(source, sources, env)
}

function resolveConfig(
  source: YamlSource | undefined,
  { file = 'the command line', flags: given = [], sinkTypes = [], kinds = DESTINATION_KINDS }: ConfigSources,
  env: Readonly<Record<string, string | undefined>>,
): AgentConfig {
  // A file that says nothing is one: everything can be said by flags.
  const written = source?.value ?? {}
  if (!isMap(written))
    throw new ConfigError([
      { where: source?.placeOf([]).where ?? file, key: '', message: 'is a map of keys, such as `tools:`' },
    ])
  const { value, flags } = layFlags(written, given, sinkTypes)
  const named = nameSinks(value)
  const schema = agentSchema(kinds)
  const read = schema.safeParse(named, { reportInput: true })
  const problems = [
    ...describeIssues(read.error?.issues ?? [], (path) => keysAt(schema as z.ZodType, named, path)),
    ...sinkNameProblems(named),
    ...toolNameProblems(named),
  ]
    .map(({ path, message }) => ({ path, message, flag: flagOf(path, flags), place: source?.placeOf(path) }))
    // As they stand in the file.
    .sort((one, other) => (one.place?.offset ?? 0) - (other.place?.offset ?? 0))
    .map(({ path, message, flag, place }): ConfigProblem => {
      const hint = flag === undefined ? missingHint(path, message, source !== undefined) : ''
      return { where: flag ?? place?.where ?? file, key: pathText(path), message: message + hint }
    })
  if (problems.length > 0 || !read.success) throw new ConfigError(problems)
  return toAgentConfig(read.data, env)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The flag that said what stands at a path, or in what it stands in. */
function flagOf(path: readonly PropertyKey[], flags: ReadonlyMap<string, string>): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const flag = flags.get(path.slice(0, length).map(String).join('.'))
    if (flag !== undefined) return flag
  }
  return undefined
}

/** What would say it, for whoever writes no file. */
function missingHint(path: readonly PropertyKey[], message: string, hasFile: boolean): string {
  if (hasFile || message !== 'is missing') return ''
  if (path[0] === 'tools') return ': --tool NAME says what to run'
  if (path[0] === 'sinks') return ': --sink TYPE, or a flag of a sink, says where events go'
  return ''
}
