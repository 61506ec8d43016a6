import type { Column, ColumnKind } from './column.js'
import type { Header } from './header.js'

/**
 * How a table tells of connects.
 *
 * - `latency`: a row a connect, and how long it took
 * - `plain`: a row a connect, and no more
 * - `states`: a row a change of a socket's state
 * - `events`: rows of several kinds, of which some are connects
 * - `none`: it does not
 */
export type TableKind = 'latency' | 'plain' | 'states' | 'events' | 'none'

/** A table: what its columns mean. */
export interface Table extends Header {
  readonly kind: TableKind
  /** Its columns' names, for people. */
  readonly names: string
  /** The tool that its rows name, in hivetap's table of several tools. */
  readonly tool: string | undefined
  /** Where the columns stand whose text may hold spaces; -1 if there is none. */
  readonly comm: number
  readonly text: number
  /** Columns whose text is the same in each row. */
  readonly marks: readonly number[]
  readonly places: Readonly<Partial<Record<ColumnKind, number>>>
  /** Whether the latency is the last thing in each row, but for a remark. */
  readonly isLatencyLast: boolean
}

/** Of how much was sent, how often, in which state: what no table of single connects has. */
const NOT_OF_CONNECTS = /^(?:[TR]X(?:[_(].*)?|CONNECTS|COUNT|BYTES|STATE|\(FLAGS\)|REASON|BL|BACKLOG)$/

export function tableOf(header: Header): Table {
  const { columns } = header
  const places: Partial<Record<ColumnKind, number>> = {}
  for (const [index, { kind }] of columns.entries()) places[kind] ??= index
  const last = columns.length - 1
  return {
    ...header,
    kind: kindOf(columns, places),
    names: columns.map(({ name }) => name).join(' '),
    tool: columns[places.tool ?? -1]?.name,
    comm: places.comm ?? -1,
    text: columns[last]?.kind === 'text' ? last : -1,
    marks: columns.flatMap(({ kind }, index) => (kind === 'mark' ? [index] : [])),
    places,
    isLatencyLast: columns[last]?.kind === 'latency',
  }
}

function kindOf(columns: readonly Column[], places: Table['places']): TableKind {
  const has = (kind: ColumnKind) => places[kind] !== undefined
  if (!has('destination') || columns.some(({ name }) => NOT_OF_CONNECTS.test(name))) return 'none'
  if (has('old_state') && has('new_state')) return 'states'
  if (has('latency')) return 'latency'
  if (has('event_type')) return 'events'
  // Who accepts calls the other side remote too: without a latency, only a destination is one.
  const isRemote = /^R/.test(columns[places.destination ?? -1]?.name ?? '')
  const isKnown = columns.every(({ kind }) => kind !== 'other')
  return isKnown && !isRemote && has('pid') ? 'plain' : 'none'
}
