import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { EXIT } from '../../cli/exit-status.js'
import { print } from '../../cli/standard-streams.js'
import { whileNotInterrupted } from '../../cli/while-not-interrupted.js'
import type { Agent } from '../agents/agent.js'
import { askAgents } from '../agents/ask-agents.js'
import { type AgentSelection, findAgents, noAgents, selectionOptions } from '../agents/find-agents.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { nodeStatus } from './node-status.js'
import { statusJson, statusText } from './status-text.js'

/** Between two looks, from which rates are told. */
const APART_MS = 2000

/** `kubectl hivetap status`: how each node's agent does. */
export function statusCommand(kubectl: () => Kubectl): Command {
  const command = new Command('status')
    .summary('Say how the agent of each node does')
    .description(
      'A row a node: whether its agent is well, the tools that are attached, and how; events a second, what was lost, ' +
        'version and age. Exit status: 0 all are well, 1 some are not, or do not answer.',
    )
    .addOption(
      new Option('-o, --output <FORMAT>', 'a table for people, or JSON')
        .choices(['table', 'json'])
        .default('table'),
    )
  for (const option of selectionOptions()) command.addOption(option)
  return command.action((options: AgentSelection & { readonly output: 'table' | 'json' }) =>
    whileNotInterrupted(async (signal) => {
      const made = kubectl()
      const agents = await findAgents(made, options, signal)
      if (agents.length === 0) throw noAgents(options)
      const words = ({ healthPath }: Agent) =>
        healthPath === undefined ? undefined : ['health', '--output=json', healthPath]
      const before = await askAgents(made, agents, words, signal)
      await sleep(APART_MS, undefined, { signal }).catch(() => undefined)
      const after = await askAgents(made, agents, words, signal)
      const nodes = after.map((answer, index) => nodeStatus(before[index] ?? answer, answer))
      if (!nodes.every(({ state }) => state === 'healthy' || state === 'running'))
        process.exitCode = EXIT.failure
      await print(options.output === 'json' ? statusJson(nodes) : statusText(nodes, Date.now()))
    }),
  )
}
