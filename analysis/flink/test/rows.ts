import type { ReadRecord } from '../../../test/support/kafka/read-records.js'

/** A row of `windows`: of Flink, of DuckDB, or of whoever else is asked the same. */
export interface WindowRow {
  readonly window_start: string
  readonly window_end: string
  readonly source: string
  readonly destination: string
  readonly connects: number
  readonly failures: number
  readonly p50_us: number | null
  readonly p95_us: number | null
  readonly p99_us: number | null
  readonly whole: boolean
  readonly hosts: number
  readonly hosts_not_whole: number
  readonly lost: number
}

/** A row of `gaps`. */
export interface GapRow {
  readonly host: string
  readonly epoch: string
  readonly kind: string
  readonly gap_from: string | null
  readonly gap_to: string
  readonly lost: number | null
}

/** What is compared of a row of `alerts`. */
export interface AlertRow {
  readonly state: string
  readonly destination: string
  readonly since: string
  readonly time: string
  readonly connects: number
  readonly bad: number
  readonly observed: number
}

/** The rows of a topic: told more than once after a restart, the last of each key counts. */
export function rowsOf<T>(records: readonly ReadRecord[]): {
  readonly rows: readonly T[]
  readonly copies: number
} {
  const byKey = new Map<string, T>()
  for (const { key, value } of records) byKey.set(key?.toString() ?? '', JSON.parse(value.toString()) as T)
  return { rows: [...byKey.values()], copies: records.length - byKey.size }
}

/** Rows in a form in which those of two engines are equal if they say the same: sorted, times and numbers as numbers. */
export function comparable(rows: readonly WindowRow[]): readonly string[] {
  return rows
    .map((row) =>
      [
        ...[timeOf(row.window_start), timeOf(row.window_end), row.source, row.destination],
        ...[
          Number(row.connects),
          Number(row.failures),
          micros(row.p50_us),
          micros(row.p95_us),
          micros(row.p99_us),
        ],
        ...[row.whole, Number(row.hosts), Number(row.hosts_not_whole), Number(row.lost)],
      ].join(' | '),
    )
    .sort()
}

/** The same of gaps. */
export function comparableGaps(rows: readonly GapRow[]): readonly string[] {
  return rows
    .map(({ host, epoch, kind, gap_from, gap_to, lost }) =>
      [host, epoch, kind, gap_from === null ? '' : timeOf(gap_from), timeOf(gap_to), lost ?? ''].join(' | '),
    )
    .sort()
}

/** The same of alerts. */
export function comparableAlerts(rows: readonly AlertRow[]): readonly string[] {
  return rows
    .map(({ state, destination, since, time, connects, bad, observed }) =>
      [timeOf(time), destination, state, timeOf(since), Number(connects), Number(bad), micros(observed)].join(
        ' | ',
      ),
    )
    .sort()
}

/** Milliseconds since 1970, of a time as Flink writes it or as DuckDB does. */
export function timeOf(text: string): number {
  const iso = text.replace(' ', 'T').replace(/(\+00(:00)?)?Z?$/, 'Z')
  const time = Date.parse(iso)
  if (Number.isNaN(time)) throw new Error(`${text} is no time.`)
  return time
}

/** Both interpolate between two values; what the last bits of that are is not told apart. */
function micros(value: number | null): string {
  return value === null ? '' : Number(value).toFixed(3)
}
