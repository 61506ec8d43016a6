import type { Columns } from '../columns.js'
import { BLOCK_ROWS, Column } from './column.js'
import { TextArena } from './text-arena.js'

/** Bytes of texts at which a block is full, however few its rows. */
const MOST_TEXT = 4 << 20

/** Rows for a table, until they are as many as are handed over at once. */
export class RowBlock {
  readonly columns: ReadonlyMap<string, Column>
  readonly arena = new TextArena()
  /** Rows that it has; the next is the one being put together. */
  count = 0
  /** Counts what takes texts away that were there. */
  changes = 0
  readonly #list: readonly Column[]
  readonly #lists: readonly Column[]
  #arenaMark = 0
  readonly #partMarks: number[]

  constructor(columns: Columns) {
    this.columns = new Map([...columns].map(([name, type]) => [name, new Column(type)]))
    this.#list = [...this.columns.values()]
    this.#lists = this.#list.filter(({ type }) => type === 'VARCHAR[]')
    this.#partMarks = this.#lists.map(() => 0)
  }

  get isFull(): boolean {
    return this.count === BLOCK_ROWS || this.arena.used > MOST_TEXT
  }

  /** Keeps the row that was put together: the next one begins. */
  keep(): void {
    this.count++
    this.#mark()
  }

  /** Forgets what was put into the row. */
  drop(): void {
    this.changes++
    this.arena.used = this.#arenaMark
    for (const column of this.#list) column.unset(this.count)
    for (const [index, column] of this.#lists.entries()) column.parts = this.#partMarks[index] ?? 0
  }

  clear(): void {
    this.changes++
    this.count = 0
    this.arena.clear()
    for (const column of this.#list) column.clear()
    this.#mark()
  }

  #mark(): void {
    this.#arenaMark = this.arena.used
    for (let index = 0; index < this.#lists.length; index++)
      this.#partMarks[index] = this.#lists[index]?.parts ?? 0
  }
}
