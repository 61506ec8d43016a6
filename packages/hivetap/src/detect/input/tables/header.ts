import { type Column, columnOf } from './column.js'

/** A table's first line. */
export interface Header {
  readonly columns: readonly Column[]
  readonly separator: ' ' | ','
  /** Whether each line begins with the date and time that Go's package log writes. */
  readonly isLog: boolean
}

/** What Go's package log puts in front of a line. */
export const LOG_PREFIX = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? /
/** The name of a column: as all tools write them. */
const NAME = /^(?:[A-Z(][\w():/.%#µμ-]*>?|->|>|\|)$/
/** Characters that a header may have. Of other lines not even the beginning is looked at. */
const MOST_HEADER = 1024
const FEWEST_KNOWN = 2

/** A header, if the line is one: names of columns and nothing else, of which at least two are known. */
export function parseHeader(line: string): Header | undefined {
  if (line.length > MOST_HEADER) return undefined
  const prefix = LOG_PREFIX.exec(line)?.[0] ?? ''
  const text = withNamesOfOneWord(line.slice(prefix.length))
  const separator = /^[^\s,]+,[^\s]*$/.test(text) ? ',' : ' '
  const cells = [...text.matchAll(separator === ',' ? /[^,]+/g : /\S+/g)]
  // hivetap's table of several tools: each has a header of its own, with its name.
  const isTool = cells[0]?.[0] === 'TIME' && /^[a-z]{4,20}$/.test(cells[1]?.[0] ?? '')
  const columns: Column[] = []
  for (const [index, cell] of cells.entries()) {
    const [name] = cell
    if (isTool && index === 1) columns.push({ name, kind: 'tool', start: cell.index })
    else if (NAME.test(name)) columns.push(ofItsAddress(columnOf(name, cell.index), columns))
    else return undefined
  }
  const known = columns.filter(({ kind }) => kind !== 'other' && kind !== 'mark')
  const names = new Set(known.map(({ name }) => name))
  return names.size < FEWEST_KNOWN ? undefined : { columns, separator, isLog: prefix !== '' }
}

/** `PORT` is that of the address before it. */
function ofItsAddress(column: Column, before: readonly Column[]): Column {
  if (column.name !== 'PORT') return column
  const address = before.findLast(({ kind }) => kind === 'source' || kind === 'destination')
  if (address === undefined) return column
  return { ...column, kind: address.kind === 'source' ? 'source_port' : 'destination_port' }
}

/** The examples of the Go library ebpf name columns by two words. */
function withNamesOfOneWord(line: string): string {
  if (!line.includes(' addr ')) return line
  return line
    .replace(/^\s*Src addr\b/, 'SADDR')
    .replace(/\bDest addr\b/, 'DADDR')
    .replace(/\bLatency \(([num]?s)\)/, 'LATENCY($1)')
    .toUpperCase()
}
