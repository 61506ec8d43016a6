import type { Session, Tool } from '../probes/tool.js'
import { JsonLines, type JsonOptions } from './json-lines.js'
import { Table } from './table.js'
import type { LineFormat } from './text-sink.js'

/**
 * How the events of a tool are told, as a table or as JSON.
 *
 * @param json what its lines are made with
 */
export function toolFormat<E, O>(
  tool: Tool<E, O>,
  options: O,
  { missing }: Pick<Session<E>, 'missing'>,
  output: 'table' | 'json',
  json: Omit<JsonOptions, 'missing'>,
): LineFormat<E> {
  if (output === 'json') return new JsonLines<E>(tool, { ...json, missing })
  return new Table(tool.columns(options), (event: E) => tool.remark(event, options), missing)
}
