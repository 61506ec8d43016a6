import { Command, Option } from 'commander'
import { EXIT } from '../../cli/exit-status.js'
import { print } from '../../cli/standard-streams.js'
import { whileNotInterrupted } from '../../cli/while-not-interrupted.js'
import { printableJson } from '../../stream/printable.js'
import { type Answer, askAgents } from '../agents/ask-agents.js'
import { type AgentSelection, findAgents, noAgents, selectionOptions } from '../agents/find-agents.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { compareNodes } from './compare.js'
import { comparisonText } from './comparison-text.js'

/** `kubectl hivetap doctor`: what each node allows, side by side. */
export function doctorCommand(kubectl: () => Kubectl): Command {
  const command = new Command('doctor')
    .summary('Say what runs on each node, how, and where nodes differ')
    .description(
      'Runs hivetap doctor beside each agent, and shows the nodes side by side: those that say the same in one column, ' +
        'what differs marked. Exit status: 0 all tools run on all nodes, 1 some do not, or a node does not tell.',
    )
    .addOption(
      new Option('-o, --output <FORMAT>', 'a table for people, or JSON: the report of each node')
        .choices(['table', 'json'])
        .default('table'),
    )
  for (const option of selectionOptions()) command.addOption(option)
  return command.action((options: AgentSelection & { readonly output: 'table' | 'json' }) =>
    whileNotInterrupted(async (signal) => {
      const made = kubectl()
      const agents = await findAgents(made, options, signal)
      if (agents.length === 0) throw noAgents(options)
      const answers = await askAgents(made, agents, () => ['doctor', '--output=json'], signal)
      if (!answers.every(allRun)) process.exitCode = EXIT.failure
      await print(options.output === 'json' ? answersJson(answers) : comparisonText(compareNodes(answers)))
    }),
  )
}

function allRun({ json }: Answer): boolean {
  const tools = json?.['tools']
  return Array.isArray(tools) && tools.every((tool: { runs?: unknown } | null) => tool?.runs === true)
}

function answersJson(answers: readonly Answer[]): string {
  const list = answers.map(({ agent, json, reason }) => ({
    node: agent.node,
    pod: agent.pod,
    report: json,
    reason,
  }))
  return `${printableJson(JSON.stringify(list, undefined, 2))}\n`
}
