import type { DuckDBConnection } from '@duckdb/node-api'
import { rowsOf } from './schema.js'

/** What a store may hold. */
export interface Bounds {
  readonly maxAgeMs: number
  readonly maxBytes: number
}

/** Times that the oldest tenth is removed in one go. */
const MOST_TIMES = 20

/**
 * Removes what is older than it may be, then the oldest tenth as often as it takes, and writes down how much it was. Ends
 * with a checkpoint: the file is what it is told to be.
 *
 * @returns records removed
 */
export async function removeOld(
  connection: DuckDBConnection,
  tables: Iterable<string>,
  { maxAgeMs, maxBytes }: Bounds,
): Promise<number> {
  const names = [...tables]
  const before = BigInt(Math.round(Date.now() - maxAgeMs)) * 1_000_000n
  let removed = await removeBefore(connection, names, before, 'max_age')
  await connection.run('CHECKPOINT')
  for (let times = 0; times < MOST_TIMES && (await usedBytes(connection)) > maxBytes; times++) {
    const tenth = await oldestTenth(connection, names)
    const count = tenth === undefined ? 0 : await removeBefore(connection, names, tenth, 'max_bytes')
    if (count === 0) break
    removed += count
    await connection.run('CHECKPOINT')
  }
  return removed
}

/** Bytes of the blocks that hold something: the file has as many, and those that are free for what comes. */
export async function usedBytes(connection: DuckDBConnection): Promise<number> {
  const [[used] = []] = await rowsOf(
    connection,
    'SELECT used_blocks * block_size FROM pragma_database_size() WHERE database_name = current_database()',
  )
  return Number(used)
}

/** @param time nanoseconds since 1970 */
async function removeBefore(
  connection: DuckDBConnection,
  tables: readonly string[],
  time: bigint,
  reason: string,
): Promise<number> {
  let removed = 0
  for (const table of tables) {
    const result = await connection.run(
      `DELETE FROM "${table}" WHERE time <= make_timestamp_ns($1::BIGINT)`,
      [time],
    )
    if (result.rowsChanged === 0) continue
    removed += result.rowsChanged
    await connection.run(`INSERT INTO removed VALUES (now() AT TIME ZONE 'UTC', $1, $2, $3)`, [
      table,
      reason,
      BigInt(result.rowsChanged),
    ])
  }
  return removed
}

/** The time that a tenth of all records is not younger than. */
async function oldestTenth(
  connection: DuckDBConnection,
  tables: readonly string[],
): Promise<bigint | undefined> {
  const times = tables.map((table) => `SELECT epoch_ns(time) AS ns FROM "${table}" WHERE time IS NOT NULL`)
  const [[time] = []] = await rowsOf(
    connection,
    `SELECT approx_quantile(ns, 0.1)::BIGINT FROM (${times.join(' UNION ALL ')})`,
  )
  return typeof time === 'bigint' ? time : undefined
}
