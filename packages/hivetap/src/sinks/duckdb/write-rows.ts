import { setImmediate as rest } from 'node:timers/promises'
import { mark } from './mark.js'
import { areSame, type BatchRows } from './read-rows.js'
import type { TableRows } from './rows/table-rows.js'
import { Vectors } from './rows/vectors.js'
import type { Schema } from './schema.js'
import type { Writing } from './table-writer.js'

/**
 * Writes the rows of a batch in one transaction, with how far its epoch is there.
 *
 * @param appended called once the rows are with DuckDB: they may be forgotten then, while the disk is waited for
 * @returns whether it was written; not where rows are there already, or a table has other columns than when they were read
 * @throws {Error} what DuckDB says; then nothing of it is written
 */
export async function writeRows(writing: Writing, rows: BatchRows, appended: () => void): Promise<boolean> {
  const { connection, schema } = writing
  if (!areNew(rows, schema)) return false
  await connection.run('BEGIN')
  for (const [table, tableRows] of rows.tables) await append(writing, table, tableRows)
  appended()
  await mark(connection, schema, rows.epoch, rows.behind)
  await connection.run('COMMIT')
  return true
}

function areNew({ epoch, first, tables }: BatchRows, schema: Schema): boolean {
  if (first < (schema.next.get(epoch) ?? 0)) return false
  return [...tables].every(([table, { columns }]) => {
    const there = schema.tables.get(table)
    return there !== undefined && areSame(columns, there)
  })
}

async function append({ connection, duckdb }: Writing, table: string, rows: TableRows): Promise<void> {
  const appender = await connection.createAppender(table)
  try {
    const vectors = new Vectors(duckdb, rows.columns)
    for (const block of rows.blocks) vectors.append(appender, block)
    // The ring buffers are read in between.
    await rest()
    appender.flushSync()
  } catch (error) {
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
}
