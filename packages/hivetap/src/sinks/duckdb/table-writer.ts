import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api'
import { type Columns, type ColumnType, isName, MOST_COLUMNS, typeOf } from './columns.js'
import type { Duckdb } from './load-duckdb.js'
import type { Nanoseconds } from './rows/nanoseconds.js'
import { PlainLines } from './rows/plain-line.js'
import { putValue } from './rows/put-value.js'
import { RowBlock } from './rows/row-block.js'
import { Vectors } from './rows/vectors.js'
import { addColumns, type Schema } from './schema.js'

/** Keys of the envelope that are no columns of a tool's table. */
const ENVELOPE = ['version', 'event_id', 'tool']
/** Rows that the appender gathers before the table has them: with fewer, each costs more; with more, Node waits longer. */
const FLUSH_ROWS = 16_384

/** What of DuckDB it takes to write. */
export interface Writing {
  readonly duckdb: Duckdb
  readonly connection: DuckDBConnection
  readonly schema: Schema
}

/** Writes rows of one table within a transaction. */
export class TableWriter {
  readonly table: string
  rows = 0
  /** Values that no column could take. */
  left = 0
  readonly #writing: Writing
  readonly #times: Nanoseconds
  #columns: Columns
  #block: RowBlock
  #plain: PlainLines
  #vectors: Vectors
  #appender: DuckDBAppender | undefined
  /** Rows that the appender has, and the table has not. */
  #gathered = 0

  private constructor(writing: Writing, table: string, columns: Columns, times: Nanoseconds) {
    this.#writing = writing
    this.table = table
    this.#times = times
    this.#columns = columns
    this.#block = new RowBlock(columns)
    this.#plain = new PlainLines(this.#block, times)
    this.#vectors = new Vectors(writing.duckdb, columns)
  }

  /** @param head columns of a table that is not there yet */
  static async open(
    writing: Writing,
    table: string,
    head: Columns,
    times: Nanoseconds,
  ): Promise<TableWriter> {
    const { connection, schema } = writing
    if (!schema.tables.has(table)) await addColumns(connection, schema.tables, table, head)
    return new TableWriter(writing, table, schema.tables.get(table) ?? head, times)
  }

  /** Reads lines as the agent writes them into the row that comes next. */
  get plain(): PlainLines {
    return this.#plain
  }

  /** Whether it has so many rows that they should be handed over before the next. */
  get isFull(): boolean {
    return this.#block.isFull
  }

  /** Keeps the row. */
  keep(): void {
    this.#block.keep()
    this.rows++
  }

  /** Forgets the row. */
  drop(): void {
    this.#block.drop()
  }

  /**
   * Adds a parsed record. Columns that it has and the table has not are added.
   *
   * @param sequence absent where it has none: a record of losses
   */
  async add(
    record: Readonly<Record<string, unknown>>,
    epoch: string,
    sequence: number | undefined,
  ): Promise<void> {
    const added = this.#columnsFor(record)
    if (added.size > 0) await this.#widen(added)
    this.#put('epoch', epoch)
    if (sequence !== undefined) this.#put('sequence', sequence)
    for (const key in record) if (key !== 'epoch' && key !== 'sequence') this.#put(key, record[key])
    this.keep()
  }

  /** Hands over what it has. */
  async handOver(): Promise<void> {
    const block = this.#block
    if (block.count === 0) return
    this.#appender ??= await this.#writing.connection.createAppender(this.table)
    this.#vectors.append(this.#appender, block)
    this.#gathered += block.count
    block.clear()
    if (this.#gathered >= FLUSH_ROWS) this.#flush()
  }

  /** Puts all into the table. */
  async finish(): Promise<void> {
    await this.handOver()
    this.#flush()
    this.close()
  }

  /** Lets go of the appender; what it still has is not written. */
  close(): void {
    const appender = this.#appender
    this.#appender = undefined
    this.#gathered = 0
    appender?.clear()
    appender?.closeSync()
  }

  #flush(): void {
    if (this.#gathered > 0) this.#appender?.flushSync()
    this.#gathered = 0
  }

  #put(key: string, value: unknown): void {
    const column = this.#block.columns.get(key)
    if (column !== undefined && !putValue(this.#block, column, value, this.#times)) this.left++
  }

  /** The columns that a record takes besides those that are there. */
  #columnsFor(record: Readonly<Record<string, unknown>>): Map<string, ColumnType> {
    const added = new Map<string, ColumnType>()
    for (const key in record) {
      const value = record[key]
      if (this.#columns.has(key) || key === 'epoch' || key === 'sequence') continue
      if (value === null || ENVELOPE.includes(key)) continue
      if (isName(key) && this.#columns.size + added.size < MOST_COLUMNS) added.set(key, typeOf(value))
      else this.left++
    }
    return added
  }

  async #widen(added: Columns): Promise<void> {
    await this.finish()
    const { connection, duckdb, schema } = this.#writing
    await addColumns(connection, schema.tables, this.table, added)
    this.#columns = schema.tables.get(this.table) ?? added
    this.#block = new RowBlock(this.#columns)
    this.#plain = new PlainLines(this.#block, this.#times)
    this.#vectors = new Vectors(duckdb, this.#columns)
  }
}
