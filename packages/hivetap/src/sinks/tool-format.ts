import { identityText } from '../kubernetes/identity-fields.js'
import type { Column, Session, Tool } from '../probes/tool.js'
import { type IdentityTextOf, identityColumns, WIDE_IDENTITY } from './identity-columns.js'
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
  const lines = () => new JsonLines<E>(tool, { ...json, missing })
  if (wish.output === 'json') return lines()
  const { identify } = json
  const columns = tableColumns<E, O>(
    tool,
    options,
    wish,
    identify === undefined ? undefined : (event, field) => identityText(identify(event), field),
  )
  const tableOf = (some: readonly Column<E>[]) =>
    new Table(some, (event: E) => tool.remark(event, options), missing)
  return wish.output === 'table' ? tableOf(columns) : new RowLines(tool.name, lines(), columns, tableOf)
}

/**
 * The columns of a tool’s table.
 *
 * @param textOf says whose an event is; nobody does, without
 * @throws {Error} if there is no such column
 */
export function tableColumns<E, O>(
  tool: Tool<E, O>,
  options: O,
  { columns, namesPods }: Omit<FormatWish, 'output'>,
  textOf: IdentityTextOf<E> = () => undefined,
): readonly Column<E>[] {
  const names = identityColumns(textOf)
  if (columns !== undefined) return pickColumns([...everyColumn(tool, options), ...names], columns)
  const own = tool.columns(options)
  if (namesPods !== true || (options as { readonly wide?: boolean }).wide !== true) return own
  return [...pickColumns(names, WIDE_IDENTITY), ...own]
}

/** Those for these options, then those that other flags would show. */
function everyColumn<E, O>(tool: Tool<E, O>, options: O): readonly Column<E>[] {
  const everything = Object.fromEntries(tool.flags.map(({ name }) => [name, true]))
  return [...tool.columns(options), ...tool.columns({ ...options, ...everything })]
}
