import type { DuckDBConnection } from '@duckdb/node-api'
import { StoreError } from './ask-store.js'
import { summarisedSince } from './summaries-there.js'

/** What connects can be put together by, and the SQL that says it. */
const BY = {
  process: "coalesce(comm, '?')",
  destination: "coalesce(destination_address, '?') || ' port ' || coalesce(destination_port::VARCHAR, '?')",
  host: "coalesce(host, '?')",
  user: "coalesce(uid::VARCHAR, '?')",
  outcome: "coalesce(outcome, '?')",
} as const
export type ReportBy = keyof typeof BY
export const REPORT_BY = Object.keys(BY) as readonly ReportBy[]

/** Groups of a table at most. */
const MOST_GROUPS = 20

/** Connects of one group. Latencies in microseconds, of those that connected; `undefined` where none did. */
export interface Group {
  readonly name: string
  readonly connects: number
  readonly failed: number
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
  readonly most: number | undefined
}

/** What a store says of the connects of a span of time. */
export interface Report {
  /** The first and the last of them, RFC 3339; absent where there are none. */
  readonly from?: string
  readonly to?: string
  readonly connects: number
  readonly failed: number
  /** How they ended, the most frequent first. */
  readonly outcomes: readonly { readonly outcome: string; readonly connects: number }[]
  /** By what was asked for, slowest p99 first. */
  readonly groups: readonly {
    readonly by: ReportBy
    readonly groups: readonly Group[]
    readonly more: number
  }[]
  /** Records that never reached this store, as accounts in it say. */
  readonly lost: number
  /** Connects that an agent told in summaries: they are in none of these figures. Absent where there are none. */
  readonly summarised?: number
}

/** How many an event stands for: where one of so many was told. */
const WEIGHT = 'coalesce(sample, 1)'
/** A connect that is told while it lasts is told again at its end. */
const SPAN = "FROM connects WHERE time >= make_timestamp_ns($1::BIGINT) AND outcome IS DISTINCT FROM 'stuck'"
const FAILED = "outcome <> 'connected'"

/**
 * Reads it.
 *
 * @param sinceMs milliseconds since 1970
 * @throws {StoreError} if it is a store without connects
 */
export async function readReport(
  connection: DuckDBConnection,
  sinceMs: number,
  by: readonly ReportBy[],
): Promise<Report> {
  const since = BigInt(sinceMs) * 1_000_000n
  const ask = async (sql: string) => (await connection.run(sql, [since])).getRows()
  const known = await connection.run("SELECT 1 FROM duckdb_views() WHERE view_name = 'connects'")
  if ((await known.getRows()).length === 0)
    throw new StoreError('The store has no connects: hivetap did not write it')
  const [[from, to, connects, failed] = []] = await ask(
    `SELECT strftime(min(time), '%Y-%m-%dT%H:%M:%SZ'), strftime(max(time), '%Y-%m-%dT%H:%M:%SZ'),
       coalesce(sum(${WEIGHT}), 0)::DOUBLE, coalesce(sum(${WEIGHT}) FILTER (${FAILED}), 0)::DOUBLE ${SPAN}`,
  )
  const outcomes = await ask(
    `SELECT coalesce(outcome, '?'), sum(${WEIGHT})::DOUBLE AS n ${SPAN} GROUP BY 1 ORDER BY n DESC, 1`,
  )
  const [[lost] = []] = await ask(
    `SELECT coalesce(sum(count), 0)::DOUBLE FROM ledger WHERE time >= make_timestamp_ns($1::BIGINT) AND record = 'loss'`,
  )
  const groups: Report['groups'][number][] = []
  for (const one of by) {
    const rows = await ask(groupsSql(one))
    const [first] = rows
    groups.push({
      by: one,
      groups: rows.map(([name, count, bad, p50, p95, p99, most]) => ({
        name: String(name),
        connects: Number(count),
        failed: Number(bad),
        p50: numberOf(p50),
        p95: numberOf(p95),
        p99: numberOf(p99),
        most: numberOf(most),
      })),
      more: Math.max(0, Number(first?.[7] ?? 0) - rows.length),
    })
  }
  const summarised = await summarisedSince(connection, since)
  return {
    ...(summarised > 0 && { summarised }),
    ...(typeof from === 'string' && typeof to === 'string' ? { from, to } : {}),
    connects: Number(connects),
    failed: Number(failed),
    outcomes: outcomes.map(([outcome, count]) => ({ outcome: String(outcome), connects: Number(count) })),
    groups,
    lost: Number(lost),
  }
}

/** Percentiles are values that occurred: of ten, the p95 is the tenth. */
function groupsSql(by: ReportBy): string {
  const percentile = (part: number) =>
    `quantile_disc(latency_us, ${part}) FILTER (outcome = 'connected')::DOUBLE`
  return `SELECT ${BY[by]} AS name, sum(${WEIGHT})::DOUBLE AS n,
      coalesce(sum(${WEIGHT}) FILTER (${FAILED}), 0)::DOUBLE,
      ${percentile(0.5)}, ${percentile(0.95)}, ${percentile(0.99)} AS p99,
      max(latency_us) FILTER (outcome = 'connected')::DOUBLE, count(*) OVER ()::DOUBLE
    ${SPAN} GROUP BY 1 ORDER BY p99 DESC NULLS LAST, n DESC, name LIMIT ${MOST_GROUPS}`
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
