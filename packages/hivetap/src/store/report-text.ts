import { answerTable } from './answer-table.js'
import type { Group, Report } from './report.js'

/** A report for people. */
export function reportText(report: Report): string {
  const { from, to, connects, failed, outcomes, groups, lost, summarised } = report
  const apart =
    summarised === undefined
      ? ''
      : `${summarised} connects more were told in summaries, and are not among these: SELECT * FROM summary.\n`
  if (from === undefined || to === undefined) return `No connects in that time.\n${apart}`
  const parts = [
    `${connects} connects from ${from} to ${to}, ${failed} of them failed (${percent(failed, connects)}).\n`,
    ...(apart === '' ? [] : [apart]),
    ...(lost === 0 ? [] : [`${lost} records of that time were lost on their way: SELECT * FROM ledger.\n`]),
    answerTable(
      ['OUTCOME', 'CONNECTS', ''],
      outcomes.map((one) => [one.outcome, String(one.connects), percent(one.connects, connects)]),
      [false, true, true],
    ),
    ...groups.map(({ by, groups: rows, more }) => groupTable(by, rows, more)),
  ]
  return parts.join('\n')
}

function groupTable(by: string, groups: readonly Group[], more: number): string {
  const table = answerTable(
    [by.toUpperCase(), 'CONNECTS', 'FAILED', 'P50(ms)', 'P95(ms)', 'P99(ms)', 'MAX(ms)'],
    groups.map(({ name, connects, failed, p50, p95, p99, most }) => [
      name,
      String(connects),
      String(failed),
      ...[p50, p95, p99, most].map(milliseconds),
    ]),
    [false, true, true, true, true, true, true],
  )
  return more === 0 ? table : `${table}and ${more} more, that were faster\n`
}

function milliseconds(us: number | undefined): string {
  return us === undefined ? '-' : (us / 1000).toFixed(2)
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((part / whole) * 100).toFixed(1)} %`
}

/** A report for programs: names and units as they are in events. */
export function reportJson(report: Report): string {
  const groups = report.groups.map(({ by, groups: rows, more }) => ({
    by,
    more,
    groups: rows.map(({ name, connects, failed, p50, p95, p99, most }) => ({
      name,
      connects,
      failed,
      p50_us: p50,
      p95_us: p95,
      p99_us: p99,
      max_us: most,
    })),
  }))
  return JSON.stringify({ ...report, groups }, undefined, 2)
}
