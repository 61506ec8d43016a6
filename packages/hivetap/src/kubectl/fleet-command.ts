import { Command, InvalidArgumentError, Option } from 'commander'
import { reader } from '../cli/command-option.js'
import { count } from '../probes/option-values.js'
import type { AnyTool } from '../probes/tool.js'
import { durationWithin } from '../settings/duration.js'
import { type AgentSelection, selectionOptions } from './agents/find-agents.js'
import { givenFlags } from './cluster/given-flags.js'
import type { Kubectl } from './cluster/kubectl.js'
import { followFleet } from './run/follow-fleet.js'

/** Nodes that are followed at once, unless told. */
const MOST_NODES = 64
/** Flags of a tool that are not passed on: here they are another's, or are done here. */
const OWN = ['output', 'duration', 'until-stdin-ends', 'stats']
/** The argument for which `--over` is another name. */
const LEAST_LATENCY = 'minLatencyUs'

/** What may be asked of a tool on many nodes, besides what is the tool's. */
interface FleetFlags extends AgentSelection {
  readonly output: 'table' | 'json'
  readonly duration?: number
  readonly stats?: boolean
  readonly maxNodes: number
  /** Milliseconds. */
  readonly over?: number
}

/**
 * The command that runs a tool on many nodes: its flags are those of the tool's own command, passed on as they are given.
 *
 * @param local the tool's command, as hivetap has it
 * @param tool that it is of; absent for several at once
 */
export function fleetCommand(local: Command, tool: AnyTool | undefined, kubectl: () => Kubectl): Command {
  const command = new Command(local.name())
    .summary(local.summary())
    .description(
      `${local.description()} On every node, in one stream: behind the node’s name, in the order of time.`,
    )
  for (const argument of local.registeredArguments) command.addArgument(argument)
  const passed = local.options.filter((option) => !OWN.includes(option.name()))
  for (const option of passed) command.addOption(option)
  for (const option of ownOptions(local)) if (!clashes(command, option)) command.addOption(option)
  const takesLeast = tool?.argument?.option === LEAST_LATENCY
  if (takesLeast)
    command.addOption(
      new Option('--over <TIME>', 'only what took longer, such as 50ms: MIN_MS in another way').argParser(
        reader(durationWithin('1ms', '1h')),
      ),
    )
  const words = givenFlags(command, passed)
  return command.action(async () => {
    const { output, duration, stats = false, maxNodes, over, ...selection }: FleetFlags = command.opts()
    const place = placeOf(command.args, over)
    const remote = [local.name(), '--output=rows', '--stats', '--until-stdin-ends', ...words, ...place]
    process.exitCode = await followFleet(kubectl(), remote, {
      selection,
      output,
      accounts: stats,
      mostNodes: maxNodes,
      ...(duration === undefined ? {} : { duration }),
      ...(tool === undefined ? { tools: toolNames(command.args[0] ?? '') } : {}),
    })
  })
}

function ownOptions(local: Command): Option[] {
  const kept = local.options.filter((option) => ['duration', 'stats'].includes(option.name()))
  return [
    new Option('-o, --output <FORMAT>', 'table, or an event a line')
      .choices(['table', 'json'])
      .default('table'),
    ...kept,
    ...selectionOptions(),
    new Option('--max-nodes <N>', 'follow so many nodes at most')
      .argParser(reader(count))
      .default(MOST_NODES),
  ]
}

/** A flag of the tool's goes before one of ours of the same name. */
function clashes(command: Command, { long }: Option): boolean {
  return command.options.some((option) => option.long === long)
}

/** The arguments as they are passed on: behind `--`, so that none is taken for a flag. */
function placeOf(args: readonly string[], over: number | undefined): string[] {
  if (over === undefined) return args.length === 0 ? [] : ['--', ...args]
  if (args.length > 0) throw new InvalidArgumentError('--over and MIN_MS are the same: say one of them')
  return ['--', String(over)]
}

function toolNames(text: string): string[] {
  return [...new Set(text.split(',').map((name) => name.trim()))]
}
