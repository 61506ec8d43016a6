import { setImmediate as rest } from 'node:timers/promises'
import type { Rejection } from '../../delivery/destination.js'
import type { SpoolBatch, SpoolRecord } from '../../spool/spool.js'
import { type ColumnType, isName, LEDGER, SUMMARY } from './columns.js'
import { mark } from './mark.js'
import { accountOf, identityOf, parseRecord } from './parsed-record.js'
import { Nanoseconds } from './rows/nanoseconds.js'
import type { Schema } from './schema.js'
import { TableWriter, type Writing } from './table-writer.js'

/** What became of a batch. */
export interface Written {
  readonly rejections: readonly Rejection[]
  readonly rows: number
  /** Records that were there already. */
  readonly repeated: number
  /** Values that no column could take. */
  readonly left: number
}

/**
 * Writes a batch in one transaction, with how far its epoch is there: what comes again is left out.
 *
 * @param readsPlain whether lines as the agent writes them are read without the parser: the same rows, sooner
 * @throws {Error} what DuckDB says; then nothing of it is written, and `schema` is to be read anew
 */
export async function writeBatch(writing: Writing, batch: SpoolBatch, readsPlain = true): Promise<Written> {
  const work = new BatchWriter(writing, readsPlain)
  try {
    return await work.write(batch)
  } finally {
    work.close()
  }
}

class BatchWriter {
  readonly #writing: Writing
  readonly #readsPlain: boolean
  readonly #times = new Nanoseconds()
  readonly #tables = new Map<string, TableWriter>()
  readonly #rejections: Rejection[] = []
  /** How far each epoch is there once this batch is. */
  readonly #next = new Map<string, number>()
  #repeated = 0
  /** The epoch of the record before, and how far the store had it before this batch. */
  #epoch: string | undefined
  #from = 0
  #behind = 0

  constructor(writing: Writing, readsPlain: boolean) {
    this.#writing = writing
    this.#readsPlain = readsPlain
  }

  async write(batch: SpoolBatch): Promise<Written> {
    const { connection, schema } = this.#writing
    await connection.run('BEGIN')
    const { records } = batch
    let writer: TableWriter | undefined
    for (let index = 0; index < records.length; index++) {
      const record = records[index] as SpoolRecord
      const { kind, tool, value } = record
      if (kind !== 'event' || !this.#readsPlain || writer?.table !== tool || !this.#addPlain(writer, value))
        writer = await this.#addParsed(record, index)
      if (writer?.isFull === true) {
        await writer.handOver()
        // The ring buffers are read in between.
        await rest()
      }
    }
    for (const table of this.#tables.values()) await table.finish()
    this.#use(undefined)
    for (const [epoch, sequence] of this.#next) await mark(connection, schema, epoch, sequence)
    await connection.run('COMMIT')
    return this.#written()
  }

  /** Lets go of what a failure left open. */
  close(): void {
    for (const table of this.#tables.values())
      try {
        table.close()
      } catch {
        // What is wrong has been told: the appender failed.
      }
  }

  /** @returns whether it was read; if not, nothing of it is there */
  #addPlain(writer: TableWriter, value: Uint8Array): boolean {
    const { plain } = writer
    if (!plain.read(value)) {
      writer.drop()
      return false
    }
    if (this.#isNew(plain.epoch, plain.sequence)) writer.keep()
    else writer.drop()
    return true
  }

  /** @returns the writer of the table in which it is */
  async #addParsed({ kind, tool, value }: SpoolRecord, index: number): Promise<TableWriter | undefined> {
    const table = kind === 'ledger' ? LEDGER : kind === 'summary' ? SUMMARY : tool
    if (!isName(table)) {
      this.#rejections.push({ index, reason: 'refused' })
      return undefined
    }
    // Only a table that rows come into is made.
    const there = this.#tables.get(table) ?? (this.#isThere(table) ? await this.#open(table) : undefined)
    if (there !== undefined && kind === 'event' && this.#readsPlain && this.#addPlain(there, value))
      return there
    const record = parseRecord(value)
    if (record === undefined) {
      this.#rejections.push({ index, reason: 'refused' })
      return there
    }
    const { epoch, sequence } = identityOf(record)
    const isNew =
      sequence === undefined
        ? await this.#isNewLoss(String(record['event_id']))
        : this.#isNew(epoch, sequence)
    if (!isNew) return there
    const writer = there ?? (await this.#open(table))
    await writer.add(kind === 'ledger' ? accountOf(record) : record, epoch, sequence)
    return writer
  }

  #isThere(table: string): boolean {
    return this.#writing.schema.tables.has(table)
  }

  async #open(table: string): Promise<TableWriter> {
    const writer = await TableWriter.open(this.#writing, table, headOf(this.#writing.schema), this.#times)
    this.#tables.set(table, writer)
    return writer
  }

  /** Whether the store has it not; then it counts as being there after this batch. */
  #isNew(epoch: string, sequence: number): boolean {
    if (epoch !== this.#epoch) this.#use(epoch)
    if (sequence < this.#from) {
      this.#repeated++
      return false
    }
    if (sequence >= this.#behind) this.#behind = sequence + 1
    return true
  }

  #use(epoch: string | undefined): void {
    if (this.#epoch !== undefined && this.#behind > 0) this.#next.set(this.#epoch, this.#behind)
    this.#epoch = epoch
    if (epoch === undefined) return
    this.#from = this.#writing.schema.next.get(epoch) ?? 0
    this.#behind = this.#next.get(epoch) ?? 0
  }

  async #isNewLoss(id: string): Promise<boolean> {
    const sql = `SELECT 1 FROM ${LEDGER} WHERE event_id = $1 LIMIT 1`
    const result = await this.#writing.connection.run(sql, [id])
    const isNew = (await result.getRows()).length === 0
    if (!isNew) this.#repeated++
    return isNew
  }

  #written(): Written {
    const all = [...this.#tables.values()]
    return {
      rejections: this.#rejections,
      rows: all.reduce((sum, { rows }) => sum + rows, 0),
      repeated: this.#repeated,
      left: all.reduce((sum, { left }) => sum + left, 0),
    }
  }
}

/** A record of a tool that this version does not know has what all have. */
function headOf(schema: Schema): ReadonlyMap<string, ColumnType> {
  return new Map([...(schema.tables.get(LEDGER) ?? [])].slice(0, 4))
}
