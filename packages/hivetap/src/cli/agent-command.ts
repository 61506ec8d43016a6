import { Command, Option } from 'commander'
import type { AgentConfig, RunAgent } from '../agent/agent.js'
import { ConfigError } from '../agent/config/config-error.js'
import type { KeyGroup } from '../agent/config/config-key.js'
import { AGENT_KEYS } from '../agent/config/keys.generated.js'
import type { AnyDestinationKind } from '../agent/destination-kinds.js'
import { agentFlags, givenFlags, sinkOption } from './agent-options.js'
import { EXIT } from './exit-status.js'
import { describeError } from './report-error.js'
import { print, tell } from './standard-streams.js'

const EXAMPLES = `
The shortest that delivers, without a file:
  hivetap agent --tool tcpconnlat --spool-dir /var/lib/hivetap \\
    --kafka-brokers HOST:9092 --kafka-topic hivetap.events

With a file, checked first:
  hivetap agent --config /etc/hivetap/hivetap.yaml --check
  hivetap agent --config /etc/hivetap/hivetap.yaml

What a flag says counts, else the file, else the default. SIGHUP reads the file
anew; SIGTERM and SIGINT deliver what is under way and end, a second one at once.
Exit status: 0 it was ended, 1 it could not go on, 2 the configuration is wrong.
`

interface Given extends Readonly<Record<string, unknown>> {
  readonly config?: string
  readonly check?: boolean
  readonly sink?: readonly string[]
  readonly verbose?: boolean
}

/** Loads the run itself, and what it takes, when it is to begin. */
const loadRunner = async (): Promise<RunAgent> => (await import('../agent/run-agent.js')).runAgent

/** What the command is made of, where it is not what hivetap is. */
export interface AgentCommandOptions {
  /** Gives what runs. */
  readonly load?: () => Promise<RunAgent>
  /** The kinds of sinks there are, and the table of all keys with theirs. */
  readonly kinds?: readonly AnyDestinationKind[]
  readonly groups?: readonly KeyGroup[]
}

/** `hivetap agent`: the long run. Its flags are a table; what reads a configuration is loaded when it is called. */
export function agentCommand({
  load = loadRunner,
  kinds,
  groups = AGENT_KEYS,
}: AgentCommandOptions = {}): Command {
  const command = new Command('agent')
    .summary('Run tools for good, and deliver every event to Kafka and other sinks')
    .description(
      'Runs tools until it is stopped, keeps their events in a spool, and delivers each to every sink, with an account of ' +
        'every loss. docs/agent.md tells all keys of its configuration.',
    )
    .addOption(new Option('-c, --config <FILE>', 'the configuration, as YAML').helpGroup(COMMAND_HEADING))
    .addOption(
      new Option('--check', 'read the configuration, say what would run, and end').helpGroup(COMMAND_HEADING),
    )
    .addOption(new Option('-v, --verbose', 'say on an error what led to it').helpGroup(COMMAND_HEADING))
    .helpOption('-h, --help', 'display help for command')
    .optionsGroup('Options:')
    .addHelpText('after', EXAMPLES)
  const flags = agentFlags(groups)
  const types = groups.flatMap(({ sink }) => (sink === undefined ? [] : [sink]))
  for (const { option, sink } of flags) if (sink === undefined) command.addOption(option)
  command.addOption(sinkOption(types))
  for (const { option, sink } of flags) if (sink !== undefined) command.addOption(option)
  return command.action(async (given: Given) => {
    const { loadConfig } = await import('../agent/config/load-config.js')
    const read = () =>
      loadConfig({
        ...(given.config === undefined ? {} : { file: given.config }),
        flags: givenFlags(flags, given),
        sinkTypes: given.sink ?? [],
        ...(kinds === undefined ? {} : { kinds }),
      })
    const config = await readFirst(read)
    if (config === undefined) process.exitCode = EXIT.usage
    else if (given.check === true) await check(config)
    else {
      const { serve } = await import('../agent/service/serve.js')
      const isAsked = await serve(config, {
        ...(given.config === undefined ? {} : { read }),
        run: await load(),
        describe: (error) => describeError(error, given.verbose === true).trimEnd(),
      })
      if (!isAsked) process.exitCode = EXIT.failure
    }
  })
}

const COMMAND_HEADING = 'Options:'

/** The configuration; `undefined` after everything that is wrong with it was said. */
async function readFirst(read: () => Promise<AgentConfig>): Promise<AgentConfig | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    await tell(error.message.replaceAll(/^(?=.)/gm, 'hivetap: ').replace(/$/, '\n'), 'error')
    return undefined
  }
}

async function check(config: AgentConfig): Promise<void> {
  const { describeConfig } = await import('../agent/config/describe-config.js')
  await print(describeConfig(config))
}
