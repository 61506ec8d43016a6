import type { Column } from '../probes/tool.js'
import { printable } from './printable.js'
import type { LineFormat } from './text-sink.js'

/**
 * A table's lines, columns as the peers have them: padded on the right and one space apart, the last not padded.
 *
 * Widths and cuts count characters (code points). bcc's tools in Python do; those in C count bytes, where `%-12.12s` cuts
 * through a character and leaves half of it for the terminal. Neither counts the cells that a terminal takes for a
 * character: names in wide scripts move the rest of their row, here as there.
 */
export class Table<E> implements LineFormat<E> {
  readonly #columns: readonly Column<E>[]
  readonly #remark: (event: E) => string | undefined

  /** @param remark a word behind the row, for an event that the columns would show as something else */
  constructor(columns: readonly Column<E>[], remark: (event: E) => string | undefined) {
    this.#columns = columns
    this.#remark = remark
  }

  /** The names of the columns. */
  get head(): string {
    return this.#line((column) => column.header)
  }

  beginBatch(): void {}

  line(event: E): string {
    const remark = this.#remark(event)
    const line = this.#line((column) => printable(cut(column.text(event), column.cut)))
    return remark === undefined ? line : `${line.slice(0, -1)} ${printable(remark)}\n`
  }

  #line(text: (column: Column<E>) => string): string {
    const last = this.#columns.length - 1
    let line = ''
    for (let index = 0; index < last; index++) {
      const column = this.#columns[index] as Column<E>
      line += `${pad(text(column), column.width)} `
    }
    const column = this.#columns[last]
    return column === undefined ? '\n' : `${line}${text(column)}\n`
  }
}

function cut(text: string, most: number | undefined): string {
  if (most === undefined || text.length <= most) return text
  return [...text].slice(0, most).join('')
}

function pad(text: string, width: number): string {
  return text.padEnd(width + secondHalves(text))
}

/** How many more places a text takes in a string than it has characters: those beyond U+FFFF take two. */
function secondHalves(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) if ((text.charCodeAt(index) & 0xfc00) === 0xdc00) count++
  return count
}
