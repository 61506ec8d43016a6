import { LOG_PREFIX } from './header.js'
import type { Table } from './table.js'

const SPACE = 0x20
const TAB = 0x09
const COMMA = 0x2c
/** Cells and words of a row at most: a COMM has 15 bytes, so 8 words. */
const MOST_WORDS = 128

/**
 * A row cut into words, and these laid below the columns: those before the COMM from the left, those behind it from the right.
 * So neither spaces in a COMM nor a cell that is wider than its column matter.
 */
export class Row {
  text = ''
  /** What stands before the row: the date and time of Go's package log. */
  prefix = ''
  readonly #starts = new Int32Array(MOST_WORDS)
  readonly #ends = new Int32Array(MOST_WORDS)
  #words = 0
  /** Words that are laid below columns: without those behind the row. */
  #used = 0
  #table: Table | undefined

  /** @returns whether it has no more words than a row may have */
  split(text: string, table: Table): boolean {
    this.text = text
    this.prefix = table.isLog ? (LOG_PREFIX.exec(text)?.[0] ?? '') : ''
    this.#table = table
    const isCut = table.separator === ',' ? this.#splitAtCommas() : this.#splitAtSpaces()
    this.#used = this.#words
    return isCut && !(table.isLog && this.prefix === '')
  }

  /** The words that there are. */
  get words(): number {
    return this.#words
  }

  word(index: number): string {
    return this.text.slice(this.#starts[index], this.#ends[index])
  }

  /** Two words in place of one whose first characters are a cell of their own. */
  cutWord(index: number, length: number): void {
    if (this.#words === MOST_WORDS) return
    this.#starts.copyWithin(index + 1, index, this.#words)
    this.#ends.copyWithin(index + 1, index, this.#words)
    const middle = (this.#starts[index] as number) + length
    this.#ends[index] = middle
    this.#starts[index + 1] = middle
    this.#words++
    this.#used++
  }

  /**
   * Lays the words below the columns.
   *
   * @param behind how many of the last words are not of the row
   * @returns whether there are as many as there must be
   */
  lay(behind: number): boolean {
    const { columns, comm, text } = this.#table as Table
    this.#used = this.#words - behind
    const cells = columns.length - (comm < 0 ? 0 : 1) - (text < 0 ? 0 : 1)
    return comm < 0 ? this.#used === cells : this.#used >= cells
  }

  /** The cell of a column; empty if the table has no such. */
  cell(column: number | undefined): string {
    if (column === undefined) return ''
    const { comm } = this.#table as Table
    if (column === comm) return this.#comm()
    return this.word(comm < 0 || column < comm ? column : this.#fromRight(column))
  }

  /** The word of a column that stands behind the COMM. */
  #fromRight(column: number): number {
    const { columns, text } = this.#table as Table
    return this.#used - (columns.length - (text < 0 ? 0 : 1) - column)
  }

  /**
   * What stands between the cell before it and the cell behind it. Spaces at its end cannot be told from those that fill the
   * column; spaces at its beginning can, where the column begins at the same place as in the header.
   */
  #comm(): string {
    const table = this.#table as Table
    const { comm, columns, separator } = table
    const before = comm === 0 ? -1 : (this.#ends[comm - 1] as number)
    const behind = this.#fromRight(comm + 1)
    const end =
      behind < this.#used ? (this.#starts[behind] as number) : (this.#ends[this.#used - 1] as number)
    if (separator === ',') return this.text.slice(before + 1, behind < this.#used ? end - 1 : end).trim()
    const { start = 0, name = '' } = columns[comm] ?? {}
    const shift = this.#shift(comm - 1)
    const from = Math.max(before + 1, start + shift)
    const text = this.text.slice(from, end).trimEnd()
    // Padded on the left: it ends where its name in the header does, or begins before it.
    const past = from + text.length - start - name.length
    const isRight =
      past === shift || past === this.prefix.length || this.text.slice(before + 1, from).trim() !== ''
    return isRight ? this.text.slice(before + 1, end).trim() : text
  }

  /** How far a column's cell stands behind the column's name, as wider cells before it have moved it. */
  #shift(column: number): number {
    if (column < 0) return this.prefix.length
    return (this.#starts[column] as number) - ((this.#table as Table).columns[column]?.start ?? 0)
  }

  #splitAtSpaces(): boolean {
    const { text } = this
    let words = 0
    let at = this.prefix.length
    for (;;) {
      while (at < text.length && isSpace(text.charCodeAt(at))) at++
      if (at >= text.length) break
      if (words === MOST_WORDS) return false
      this.#starts[words] = at
      while (at < text.length && !isSpace(text.charCodeAt(at))) at++
      this.#ends[words++] = at
    }
    this.#words = words
    return true
  }

  #splitAtCommas(): boolean {
    const { text } = this
    let words = 0
    let start = this.prefix.length
    for (let at = start; at <= text.length; at++) {
      if (at < text.length && text.charCodeAt(at) !== COMMA) continue
      if (words === MOST_WORDS) return false
      this.#starts[words] = start
      this.#ends[words++] = at
      start = at + 1
    }
    this.#words = words
    return true
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB
}
