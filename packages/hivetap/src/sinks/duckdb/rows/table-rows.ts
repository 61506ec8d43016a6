import type { Columns } from '../columns.js'
import type { Nanoseconds } from './nanoseconds.js'
import { PlainLines } from './plain-line.js'
import { RowBlock } from './row-block.js'

/** A block of rows, and what reads lines into it. */
interface ReadBlock {
  readonly block: RowBlock
  readonly plain: PlainLines
}

/** Rows of one table that are read from lines: as many blocks as it takes, which are used again for the rows that come next. */
export class TableRows {
  readonly columns: Columns
  readonly #times: Nanoseconds
  readonly #blocks: ReadBlock[] = []
  #used = 0
  #open: ReadBlock | undefined

  constructor(columns: Columns, times: Nanoseconds) {
    this.columns = columns
    this.#times = times
  }

  /** Reads lines into the row that comes next, which is there once it is kept. */
  get plain(): PlainLines {
    this.#open ??= this.#begin()
    return this.#open.plain
  }

  /** Keeps the row. @returns whether a block is full with it */
  keep(): boolean {
    const block = this.#open?.block
    block?.keep()
    if (block?.isFull !== true) return false
    this.#open = undefined
    return true
  }

  /** Blocks that have rows, in order. */
  get blocks(): readonly RowBlock[] {
    return this.#blocks.slice(0, this.#used).map(({ block }) => block)
  }

  /** Forgets all rows; keeps as many blocks as they took. */
  clear(): void {
    this.#blocks.length = this.#used
    for (const { block } of this.#blocks) block.clear()
    this.#used = 0
    this.#open = undefined
  }

  #begin(): ReadBlock {
    const there = this.#blocks[this.#used++]
    if (there !== undefined) return there
    const block = new RowBlock(this.columns)
    const made = { block, plain: new PlainLines(block, this.#times) }
    this.#blocks.push(made)
    return made
  }
}
