import { type Command, Option } from 'commander'
import { EXIT } from '../../cli/exit-status.js'
import { print } from '../../cli/standard-streams.js'
import { whileNotInterrupted } from '../../cli/while-not-interrupted.js'
import { printableJson } from '../../stream/printable.js'
import type { Kubectl } from '../cluster/kubectl.js'
import type { Agent } from './agent.js'
import { type AgentSelection, findAgents, noAgents, selectionOptions } from './find-agents.js'

/** What a look at all agents has shown. */
export interface Seen {
  /** Whether nothing is amiss; else that is the exit status. */
  readonly isWell: boolean
  /** For people. */
  text(): string
  /** For programs: an object a node. */
  list(): readonly object[]
}

/**
 * Makes a command one that looks at all agents that are meant, and prints what it saw: its flags, and what it does.
 *
 * @param output what `--output` is for
 */
export function lookCommand(
  command: Command,
  output: string,
  kubectl: () => Kubectl,
  look: (kubectl: Kubectl, agents: readonly Agent[], signal: AbortSignal) => Promise<Seen>,
): Command {
  command.addOption(new Option('-o, --output <FORMAT>', output).choices(['table', 'json']).default('table'))
  for (const option of selectionOptions()) command.addOption(option)
  return command.action((options: AgentSelection & { readonly output: 'table' | 'json' }) =>
    whileNotInterrupted(async (signal) => {
      const made = kubectl()
      const agents = await findAgents(made, options, signal)
      if (agents.length === 0) throw noAgents(options)
      const seen = await look(made, agents, signal)
      if (!seen.isWell) process.exitCode = EXIT.failure
      await print(
        options.output === 'json'
          ? `${printableJson(JSON.stringify(seen.list(), undefined, 2))}\n`
          : seen.text(),
      )
    }),
  )
}
