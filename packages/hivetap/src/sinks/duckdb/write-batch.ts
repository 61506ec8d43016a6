import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api'
import type { Rejection } from '../../delivery/destination.js'
import type { SpoolBatch } from '../../spool/spool.js'
import { Cells } from './cell.js'
import { type ColumnType, isName, LEDGER } from './columns.js'
import type { Duckdb } from './load-duckdb.js'
import { Rows } from './rows.js'
import { addColumns, type Schema } from './schema.js'

/** Rows that are handed over at once: as many as DuckDB has in a vector. */
const VECTOR = 2048
/** Epochs whose end is remembered. */
const MOST_EPOCHS = 1000

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
 * @throws {Error} what DuckDB says; then nothing of it is written, and `schema` is to be read anew
 */
export async function writeBatch(
  duckdb: Duckdb,
  connection: DuckDBConnection,
  schema: Schema,
  batch: SpoolBatch,
): Promise<Written> {
  const tables = new Map<string, Rows>()
  const rejections: Rejection[] = []
  const cells = new Cells(duckdb)
  const next = new Map<string, number>()
  let repeated = 0
  for (const [index, { value, kind, tool }] of batch.records.entries()) {
    const record = parse(value)
    const table = kind === 'ledger' ? LEDGER : tool
    if (record === undefined || !isName(table)) {
      rejections.push({ index, reason: 'refused' })
      continue
    }
    const id = identityOf(record)
    if (id.sequence !== undefined) {
      if (id.sequence < (schema.next.get(id.epoch) ?? 0)) {
        repeated++
        continue
      }
      next.set(id.epoch, Math.max(next.get(id.epoch) ?? 0, id.sequence + 1))
    } else if (await isThere(connection, String(record['event_id']))) {
      repeated++
      continue
    }
    const rows = tables.get(table) ?? new Rows(schema.tables.get(table) ?? headOf(schema), cells)
    tables.set(table, rows)
    rows.add(kind === 'ledger' ? accountOf(record) : record, id.epoch, id.sequence)
  }
  await connection.run('BEGIN')
  for (const [table, rows] of tables) {
    await addColumns(connection, schema.tables, table, rows.columns)
    await append(duckdb, connection, table, rows, schema.tables.get(table) ?? new Map())
  }
  for (const [epoch, sequence] of next) await mark(connection, schema, epoch, sequence)
  await connection.run('COMMIT')
  const all = [...tables.values()]
  return {
    rejections,
    rows: all.reduce((sum, { count }) => sum + count, 0),
    repeated,
    left: all.reduce((sum, { left }) => sum + left, 0),
  }
}

/** A record of a tool that this version does not know has what all have. */
function headOf(schema: Schema): ReadonlyMap<string, ColumnType> {
  return new Map([...(schema.tables.get(LEDGER) ?? [])].slice(0, 4))
}

function parse(value: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const record: unknown = JSON.parse(
      Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(),
    )
    return typeof record === 'object' && record !== null && !Array.isArray(record)
      ? (record as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

/** The epoch and the sequence that its name is made of; of a record of losses, which has no sequence, the epoch alone. */
function identityOf(record: Readonly<Record<string, unknown>>): { epoch: string; sequence?: number } {
  const id = String(record['event_id'])
  const sequence = /^.{36}-(\d{1,15})$/.exec(id)?.[1]
  const epoch = id.slice(0, 36)
  return sequence === undefined ? { epoch } : { epoch, sequence: Number(sequence) }
}

/** An account's own epoch is that of the envelope; the one that it is told of is another column. */
function accountOf({
  epoch,
  ...record
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return epoch === undefined ? record : { ...record, of_epoch: epoch }
}

async function isThere(connection: DuckDBConnection, id: string): Promise<boolean> {
  const result = await connection.run(`SELECT 1 FROM ${LEDGER} WHERE event_id = $1 LIMIT 1`, [id])
  return (await result.getRows()).length > 0
}

async function append(
  duckdb: Duckdb,
  connection: DuckDBConnection,
  table: string,
  rows: Rows,
  columns: ReadonlyMap<string, ColumnType>,
): Promise<void> {
  const appender = await connection.createAppender(table)
  try {
    const chunk = duckdb.DuckDBDataChunk.create([...columns.values()].map((type) => typeIn(duckdb, type)))
    for (let from = 0; from < rows.count; from += VECTOR) {
      const to = Math.min(rows.count, from + VECTOR)
      chunk.reset()
      chunk.setColumns([...columns.keys()].map((column) => rows.slice(column, from, to)))
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}

function typeIn(duckdb: Duckdb, type: ColumnType): DuckDBType {
  return type === 'VARCHAR[]' ? duckdb.LIST(duckdb.VARCHAR) : duckdb[type]
}

async function mark(
  connection: DuckDBConnection,
  schema: Schema,
  epoch: string,
  next: number,
): Promise<void> {
  const how = schema.next.has(epoch)
    ? `UPDATE delivered SET next_sequence = $2, at_time = now() AT TIME ZONE 'UTC' WHERE epoch = $1`
    : `INSERT INTO delivered VALUES ($1, $2, now() AT TIME ZONE 'UTC')`
  await connection.run(how, [epoch, BigInt(next)])
  schema.next.set(epoch, next)
  if (schema.next.size <= MOST_EPOCHS) return
  const oldest = schema.next.keys().next().value
  if (oldest === undefined) return
  await connection.run('DELETE FROM delivered WHERE epoch = $1', [oldest])
  schema.next.delete(oldest)
}
