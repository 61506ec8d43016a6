import { Command } from 'commander'
import { type Answer, askAgents } from '../agents/ask-agents.js'
import { lookCommand } from '../agents/look-command.js'
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
  const output = 'a table for people, or JSON: the report of each node'
  return lookCommand(command, output, kubectl, async (made, agents, signal) => {
    const answers = await askAgents(made, agents, () => ['doctor', '--output=json'], signal)
    return {
      isWell: answers.every(allRun),
      text: () => comparisonText(compareNodes(answers)),
      list: () => answers.map(reportOf),
    }
  })
}

function allRun({ json }: Answer): boolean {
  const tools = json?.['tools']
  return Array.isArray(tools) && tools.every((tool: { runs?: unknown } | null) => tool?.runs === true)
}

function reportOf({ agent, json, reason }: Answer) {
  return { node: agent.node, pod: agent.pod, report: json, reason }
}
