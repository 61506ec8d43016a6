import type { Column } from '../probes/tool.js'
import { printable } from '../stream/printable.js'
import type { LineFormat } from './text-sink.js'

/** Stands where there is nothing to show: the event has none of it, or nothing here can tell it. */
const NONE = '-'

/**
 * A table's lines, columns as the peers have them: padded on the right, or where numbers stand below each other on the left,
 * and one space apart. The last is padded on the left alone.
 *
 * Widths and cuts count characters (code points). bcc's tools in Python do; those in C count bytes, where `%-12.12s` cuts
 * through a character and leaves half of it for the terminal. Neither counts the cells that a terminal takes for a
 * character: names in wide scripts move the rest of their row, here as there.
 */
export class Table<E> implements LineFormat<E> {
  readonly #columns: readonly Column<E>[]
  readonly #remark: (event: E) => string | undefined

  /**
   * @param remark a word behind the row, for an event that the columns would show as something else
   * @param missing names of fields that cannot be filled: columns made of them show a dash
   */
  constructor(
    columns: readonly Column<E>[],
    remark: (event: E) => string | undefined,
    missing: ReadonlyMap<string, string>,
  ) {
    this.#columns = columns.map((column) =>
      fieldsOf(column).some((field) => missing.has(field)) ? { ...column, text: () => undefined } : column,
    )
    this.#remark = remark
  }

  /** The names of the columns. */
  get head(): string {
    return this.#line((column) => column.header)
  }

  beginBatch(): void {}

  line(event: E): string {
    const remark = this.#remark(event)
    const line = this.#line((column) => printable(cut(column.text(event) ?? NONE, column.cut)))
    return remark === undefined ? line : `${line.slice(0, -1)} ${printable(remark)}\n`
  }

  #line(text: (column: Column<E>) => string): string {
    const last = this.#columns.length - 1
    let line = ''
    for (let index = 0; index < last; index++) {
      const column = this.#columns[index] as Column<E>
      line += `${pad(text(column), column)} `
    }
    const column = this.#columns[last]
    if (column === undefined) return '\n'
    const end = text(column)
    return `${line}${column.align === undefined ? end : pad(end, column)}\n`
  }
}

function fieldsOf({ field = [] }: Pick<Column<never>, 'field'>): readonly string[] {
  return typeof field === 'string' ? [field] : field
}

function cut(text: string, most: number | undefined): string {
  if (most === undefined || text.length <= most) return text
  return [...text].slice(0, most).join('')
}

function pad(text: string, { width, align }: Pick<Column<never>, 'width' | 'align'>): string {
  const places = width + secondHalves(text)
  return align === undefined ? text.padEnd(places) : text.padStart(places)
}

/** How many more places a text takes in a string than it has characters: those beyond U+FFFF take two. */
function secondHalves(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) if ((text.charCodeAt(index) & 0xfc00) === 0xdc00) count++
  return count
}
