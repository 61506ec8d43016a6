import type { DuckDBConnection } from '@duckdb/node-api'

/** Whether the store has a table of summaries: those of an earlier version have none. */
export async function hasSummaries(connection: DuckDBConnection): Promise<boolean> {
  const there = await connection.run("SELECT 1 FROM duckdb_tables() WHERE table_name = 'summary'")
  return (await there.getRows()).length > 0
}

/**
 * For how many connects the summaries of the store stand.
 *
 * @param sinceNs of windows that began then or later: nanoseconds since 1970
 */
export async function summarisedSince(connection: DuckDBConnection, sinceNs: bigint): Promise<number> {
  if (!(await hasSummaries(connection))) return 0
  const answer = await connection.run(
    `SELECT coalesce(sum(events * coalesce(sample, 1)), 0)::DOUBLE FROM summary
      WHERE tool = 'tcpconnlat' AND time >= make_timestamp_ns($1::BIGINT)`,
    [sinceNs],
  )
  const [[sum] = []] = await answer.getRows()
  return Number(sum)
}
