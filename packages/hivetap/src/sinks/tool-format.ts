import type { Identify } from '../kubernetes/event-identity.js'
import type { AnyTool, Column, Session, Tool } from '../probes/tool.js'
import { IDENTITY_COLUMNS, identityColumns, WIDE_IDENTITY } from './identity-columns.js'
import { JsonLines, type JsonOptions } from './json-lines.js'
import { pickColumns } from './pick-columns.js'
import { RowLines } from './row-lines.js'
import { Table } from './table.js'
import type { LineFormat } from './text-sink.js'

/** How events are told: as rows of a table, as JSON, or as JSON that holds the row. */
export const OUTPUT_FORMATS = ['table', 'json', 'rows'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** How events are told. */
export interface FormatWish {
  readonly output: OutputFormat
  /** Names of the table’s columns, instead of those that the options have. */
  readonly columns?: readonly string[] | undefined
  /** Whether a wide table names pods: on a node of Kubernetes. */
  readonly namesPods?: boolean | undefined
}

/**
 * How the events of a tool are told, as a table or as JSON.
 *
 * @param json what its lines are made with
 * @throws {Error} if there is no such column
 */
export function toolFormat<E, O>(
  tool: Tool<E, O>,
  options: O,
  { missing }: Pick<Session<E>, 'missing'>,
  wish: FormatWish,
  json: Omit<JsonOptions<E>, 'missing'>,
): LineFormat<E> {
  const lines = new JsonLines<E>(tool, { ...json, missing })
  if (wish.output === 'json') return lines
  const columns = tableColumns(tool, options, wish, json.identify)
  const tableOf = (some: readonly Column<E>[]) =>
    new Table(some, (event: E) => tool.remark(event, options), missing)
  return wish.output === 'table' ? tableOf(columns) : new RowLines(tool.name, lines, columns, tableOf)
}

/**
 * The columns of a tool’s table.
 *
 * @throws {Error} if there is no such column
 */
export function tableColumns<E, O>(
  tool: Tool<E, O>,
  options: O,
  { columns, namesPods }: Omit<FormatWish, 'output'>,
  identify: Identify<E> = () => ({ source: undefined, farEnd: undefined }),
): readonly Column<E>[] {
  const names = identityColumns(identify)
  if (columns !== undefined) return pickColumns([...everyColumn(tool, options), ...names], columns)
  const own = tool.columns(options)
  if (namesPods !== true || (options as { readonly wide?: boolean }).wide !== true) return own
  return [...pickColumns(names, WIDE_IDENTITY), ...own]
}

/** The names of the columns that a table of a tool can have. */
export function columnNames(tool: AnyTool): readonly string[] {
  return [...new Set([...everyColumn(tool, {}), ...IDENTITY_COLUMNS].map(({ header }) => header))]
}

/** Those for these options, then those that other flags would show. */
function everyColumn<E, O>(tool: Tool<E, O>, options: O): readonly Column<E>[] {
  const everything = Object.fromEntries(tool.flags.map(({ name }) => [name, true]))
  return [...tool.columns(options), ...tool.columns({ ...options, ...everything })]
}
