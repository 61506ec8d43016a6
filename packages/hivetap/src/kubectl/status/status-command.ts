import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import type { Agent } from '../agents/agent.js'
import { askAgents } from '../agents/ask-agents.js'
import { lookCommand } from '../agents/look-command.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { nodeStatus } from './node-status.js'
import { statusRecord, statusText } from './status-text.js'

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
  const output = 'a table for people, or JSON'
  return lookCommand(command, output, kubectl, async (made, agents, signal) => {
    const before = await askAgents(made, agents, healthWords, signal)
    await sleep(APART_MS, undefined, { signal }).catch(() => undefined)
    const after = await askAgents(made, agents, healthWords, signal)
    const nodes = after.map((answer, index) => nodeStatus(before[index] ?? answer, answer))
    return {
      isWell: nodes.every(({ state }) => state === 'healthy' || state === 'running'),
      text: () => statusText(nodes, Date.now()),
      list: () => nodes.map(statusRecord),
    }
  })
}

function healthWords({ healthPath }: Agent): readonly string[] | undefined {
  return healthPath === undefined ? undefined : ['health', '--output=json', healthPath]
}
