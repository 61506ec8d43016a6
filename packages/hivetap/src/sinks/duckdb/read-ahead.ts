import type { SpoolBatch } from '../../spool/spool.js'
import { type BatchRows, RowReader } from './read-rows.js'
import type { Schema } from './schema.js'

/**
 * Reads the lines of the batch that comes next while the disk is waited for with the one before. It holds the rows of one batch:
 * those of the next are read once they are free.
 */
export class ReadAhead {
  readonly #reader = new RowReader()
  /** Tables as they were when the store was held last. */
  #schema: Schema | undefined
  /** The batch that most likely comes next. */
  #next: SpoolBatch | undefined
  #reading: { readonly batch: SpoolBatch; readonly rows: Promise<BatchRows | undefined> } | undefined
  /** Whether somebody has the rows of what was read. */
  #isTaken = false

  /** Says which batch most likely comes next. */
  expect(batch: SpoolBatch): void {
    this.#next = batch
    this.#begin()
  }

  /**
   * The rows of a batch, which are the caller's until it frees them.
   *
   * @returns `undefined` where it has lines that take the parser
   */
  async take(batch: SpoolBatch, schema: Schema): Promise<BatchRows | undefined> {
    this.#schema = schema
    const { rows } = this.#reading?.batch === batch ? this.#reading : await this.#readNow(batch, schema)
    this.#isTaken = true
    if (this.#next === batch) this.#next = undefined
    return rows
  }

  /** The rows that were taken are needed no more. */
  free(): void {
    if (!this.#isTaken) return
    this.#isTaken = false
    this.#reading = undefined
    this.#reader.clear()
    this.#begin()
  }

  #begin(): void {
    if (this.#reading !== undefined || this.#next === undefined || this.#schema === undefined) return
    const rows = this.#reader.read(this.#next, this.#schema)
    // Whoever takes them is told what was wrong.
    rows.catch(() => undefined)
    this.#reading = { batch: this.#next, rows }
  }

  /** What was read of another batch is forgotten. */
  async #readNow(batch: SpoolBatch, schema: Schema) {
    await this.#reading?.rows.catch(() => undefined)
    this.#reader.clear()
    this.#reading = { batch, rows: this.#reader.read(batch, schema) }
    return this.#reading
  }
}
