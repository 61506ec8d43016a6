import { printable } from '../../stream/printable.js'
import { textTable } from '../../stream/text-table.js'
import type { NodeStatus } from './node-status.js'

const HEADERS = ['NODE', 'STATE', 'TOOLS', 'EVENTS/S', 'LOST', 'VERSION', 'RESTARTS', 'AGE']
const NUMBERS = [false, false, false, true, true, false, true, true]

/** A row a node; below, what there is to say of some. */
export function statusText(nodes: readonly NodeStatus[], nowMs: number): string {
  const rows = nodes.map(({ agent, state, tools, perSecond, lost, version }) => [
    agent.node,
    state,
    tools.length === 0 ? '-' : tools.join(', '),
    perSecond === undefined ? '-' : perSecond.toFixed(1),
    state === 'running' || state === 'not running' || state === 'no answer' ? '-' : String(sum(lost)),
    version ?? '-',
    String(agent.restarts),
    agent.startedMs === undefined ? '-' : age(nowMs - agent.startedMs),
  ])
  const notes = nodes.flatMap(({ agent, lost, reasons }) =>
    [...reasons, ...Object.entries(lost).map(([reason, count]) => `${count} lost: ${reason}`)].map(
      (text) => `${agent.node}: ${text}`,
    ),
  )
  const versions = new Set(nodes.flatMap(({ version = [] }) => version))
  if (versions.size > 1) notes.push(`the agents are of several versions: ${[...versions].join(', ')}`)
  const lines = [
    ...textTable(
      HEADERS,
      rows.map((row) => row.map(printable)),
      NUMBERS,
    ),
    ...(notes.length === 0 ? [] : ['', ...notes.map(printable)]),
  ]
  return `${lines.join('\n')}\n`
}

/** The same of a node, for programs. */
export function statusRecord(status: NodeStatus) {
  const { agent, state, version, tools, perSecond, lost, reasons, health } = status
  return {
    node: agent.node,
    namespace: agent.namespace,
    pod: agent.pod,
    image: agent.image,
    state,
    version,
    tools,
    events_per_second: perSecond,
    lost,
    reasons,
    restarts: agent.restarts,
    started: agent.startedMs === undefined ? undefined : new Date(agent.startedMs).toISOString(),
    health,
  }
}

function sum(lost: Readonly<Record<string, number>>): number {
  return Object.values(lost).reduce((total, count) => total + count, 0)
}

/** `45s`, `12m`, `3h`, `5d`, as kubectl tells it. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`
}
