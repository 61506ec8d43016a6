import type { DuckDBConnection } from '@duckdb/node-api'
import { DeliveryError } from '../../delivery/destination.js'
import { COLUMN_TYPES, type ColumnType, knownTables } from './columns.js'

/** Version of the tables beside those of records. */
export const STORE_VERSION = 1

/** What a store holds: tables of records with their columns, and how far it has the records of each epoch. */
export interface Schema {
  readonly tables: Map<string, Map<string, ColumnType>>
  /** The sequence behind the last that is in it, by epoch. */
  readonly next: Map<string, number>
}

/**
 * Brings a store to what this version knows: tables and columns that are missing are added, none is taken away.
 *
 * @throws {DeliveryError} if a later version of hivetap made it
 */
export async function readSchema(connection: DuckDBConnection): Promise<Schema> {
  await connection.run('CREATE TABLE IF NOT EXISTS store (version INTEGER)')
  const [[version] = []] = await rowsOf(connection, 'SELECT max(version) FROM store')
  if (version === null || version === undefined)
    await connection.run(`INSERT INTO store VALUES (${STORE_VERSION})`)
  else if (Number(version) > STORE_VERSION)
    throw new DeliveryError(
      'store_too_new',
      `The store is of version ${version}, this hivetap writes ${STORE_VERSION}`,
      {
        passing: false,
      },
    )
  await connection.run(
    'CREATE TABLE IF NOT EXISTS delivered (epoch VARCHAR, next_sequence BIGINT, at_time TIMESTAMP)',
  )
  await connection.run(
    'CREATE TABLE IF NOT EXISTS removed (at_time TIMESTAMP, table_name VARCHAR, reason VARCHAR, records BIGINT)',
  )
  const tables = await tablesThere(connection)
  for (const [table, columns] of knownTables()) await addColumns(connection, tables, table, columns)
  await connection.run('CREATE OR REPLACE VIEW connects AS SELECT * FROM tcpconnlat')
  const marks = await rowsOf(connection, 'SELECT epoch, next_sequence FROM delivered')
  return { tables, next: new Map(marks.map(([epoch, next]) => [String(epoch), Number(next)])) }
}

/** Makes a table, or adds columns that it has not. */
export async function addColumns(
  connection: DuckDBConnection,
  tables: Map<string, Map<string, ColumnType>>,
  table: string,
  columns: ReadonlyMap<string, ColumnType>,
): Promise<void> {
  const there = tables.get(table)
  const wanted = [...columns].filter(([name]) => there?.has(name) !== true)
  if (there === undefined) {
    const list = wanted.map(([name, type]) => `"${name}" ${type}`).join(', ')
    await connection.run(`CREATE TABLE "${table}" (${list})`)
  } else
    for (const [name, type] of wanted)
      await connection.run(`ALTER TABLE "${table}" ADD COLUMN "${name}" ${type}`)
  tables.set(table, new Map([...(there ?? []), ...wanted]))
  // A view has the columns of the moment in which it was made.
  if (table === 'tcpconnlat' && there !== undefined && wanted.length > 0)
    await connection.run('CREATE OR REPLACE VIEW connects AS SELECT * FROM tcpconnlat')
}

/** Tables of records that are there. Where somebody changed the type of a column, DuckDB refuses the batch, and says so. */
async function tablesThere(connection: DuckDBConnection): Promise<Schema['tables']> {
  const tables: Schema['tables'] = new Map()
  const rows = await rowsOf(
    connection,
    `SELECT table_name, column_name, data_type FROM duckdb_columns()
     WHERE database_name = current_database() AND schema_name = 'main' AND table_name IN
       (SELECT table_name FROM duckdb_columns() WHERE column_name = 'sequence')
       AND table_name IN (SELECT table_name FROM duckdb_tables())
     ORDER BY table_name, column_index`,
  )
  for (const [table, column, type] of rows) {
    const columns = tables.get(String(table)) ?? new Map<string, ColumnType>()
    columns.set(String(column), COLUMN_TYPES.find((known) => known === type) ?? 'VARCHAR')
    tables.set(String(table), columns)
  }
  return tables
}

/** What a statement gives, whole: for what is small. */
export async function rowsOf(connection: DuckDBConnection, sql: string) {
  return (await connection.run(sql)).getRows()
}
