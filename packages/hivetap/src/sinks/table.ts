import type { Column } from '../probes/tool.js'
import { printable } from './printable.js'
import type { LineFormat } from './text-sink.js'

/** A table's lines, columns as the peers have them: padded on the right and one space apart, the last not padded. */
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
    return remark === undefined ? line : `${line.slice(0, -1)} ${remark}\n`
  }

  #line(text: (column: Column<E>) => string): string {
    const last = this.#columns.length - 1
    let line = ''
    for (let index = 0; index < last; index++) {
      const column = this.#columns[index] as Column<E>
      line += `${text(column).padEnd(column.width)} `
    }
    const column = this.#columns[last]
    return column === undefined ? '\n' : `${line}${text(column)}\n`
  }
}

function cut(text: string, length: number | undefined): string {
  if (length === undefined || text.length <= length) return text
  return [...text].slice(0, length).join('')
}
