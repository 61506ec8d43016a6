import { formatByteSize } from '../../settings/byte-size.js'
import { formatDuration } from '../../settings/duration.js'
import { printableLines } from '../../stream/printable.js'
import type { AgentConfig, ToolConfig } from '../agent.js'

/** What an agent with this configuration would do, for people. Of the sinks' settings nothing is told: some name secrets. */
export function describeConfig(config: AgentConfig): string {
  const { node, tools, hook, buffer, pin, spool, sinks, health } = config
  const lines: (readonly [string, string])[] = [
    ['node', node],
    ...tools.map((tool): [string, string] => ['tool', toolText(tool)]),
    ...(hook === undefined ? [] : ([['hook', hook]] as const)),
    [
      'buffer',
      `${buffer.kind ?? 'the best that works'}${buffer.bytes === undefined ? '' : `, ${formatByteSize(buffer.bytes)}`}`,
    ],
    ['pin', pin === undefined ? 'no: programs end with the agent' : pin.directory],
    ['spool', spoolText(spool)],
    ...sinks.map(({ name, type }): [string, string] => ['sink', name === type ? type : `${name} (${type})`]),
    ['account', `each ${formatDuration(config.accountIntervalMs)}`],
    ['shutdown', `within ${formatDuration(config.shutdownTimeoutMs)}`],
    [
      'health',
      [health.file, health.socket].filter((path) => path !== undefined).join(', ') || 'told nowhere',
    ],
  ]
  return printableLines(
    `${lines.map(([key, text]) => `${key.padEnd(9)} ${text}`).join('\n')}\nThe configuration is valid.\n`,
  )
}

function toolText({ tool, options, required }: ToolConfig): string {
  const said = Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  return [tool.name, ...said, ...(required === true ? ['required'] : [])].join(', ')
}

function spoolText({ dir, maxBytes, maxAgeMs, policy, fsync }: AgentConfig['spool']): string {
  const bounds = `at most ${formatByteSize(maxBytes)} and ${formatDuration(maxAgeMs)}, then ${policy}`
  return dir === undefined
    ? `in memory: what it holds is lost with the process; ${bounds}`
    : `${dir}, ${bounds}, fsync ${fsync}`
}
