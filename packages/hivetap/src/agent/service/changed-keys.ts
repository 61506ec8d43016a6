import { isDeepStrictEqual } from 'node:util'
import type { AgentConfig } from '../agent.js'

/** What differs between two configurations, by path: `spool.maxBytes`, `sinks.kafka`, `tools.tcpconnlat`. */
export function changedKeys(before: AgentConfig, after: AgentConfig): readonly string[] {
  return changed(named(before), named(after), '', 2)
}

/** Lists by the names of what is in them. */
function named({ tools, sinks, ...rest }: AgentConfig): Readonly<Record<string, unknown>> {
  return {
    ...rest,
    tools: Object.fromEntries(tools.map(({ tool, ...asked }) => [tool.name, asked])),
    sinks: Object.fromEntries(sinks.map((sink) => [sink.name, sink])),
  }
}

function changed(before: unknown, after: unknown, path: string, depth: number): readonly string[] {
  if (isDeepStrictEqual(before, after)) return []
  if (depth === 0 || !isMap(before) || !isMap(after)) return [path]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) =>
    changed(before[key], after[key], path === '' ? key : `${path}.${key}`, depth - 1),
  )
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
