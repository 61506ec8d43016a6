import { SHARES } from './detected.js'
import { timeOf, type WindowRow } from './rows.js'
import { type FleetTruth, percentileOf, trueCompleteness, trueWindows } from './truth.js'

/** What rows of `windows` must say of connects, by how the fleet was made. */
export function madeConnects({ connects }: FleetTruth): readonly string[] {
  return trueWindows(connects)
    .map(({ startMs, source, destination, latenciesUs, ...counts }) => {
      const percentiles = SHARES.map((share) => percentileOf(latenciesUs, share))
      return connectsLine(startMs, source, destination, counts, percentiles)
    })
    .sort()
}

/** What they say. */
export function toldConnects(rows: readonly WindowRow[]): readonly string[] {
  return rows
    .map((row) =>
      connectsLine(timeOf(row.window_start), row.source, row.destination, row, [
        row.p50_us,
        row.p95_us,
        row.p99_us,
      ]),
    )
    .sort()
}

/** What they must say of hosts, for the windows in which all hosts ran from the beginning to the end. */
export function madeCompleteness(truth: FleetTruth): readonly string[] {
  return startsOf(trueWindows(truth.connects).map(({ startMs }) => startMs)).flatMap((startMs) => {
    const made = trueCompleteness(truth, startMs)
    if (made === undefined) return []
    const { hosts, hostsNotWhole, lost } = made
    return [[startMs, hosts, hostsNotWhole, lost, hostsNotWhole === 0].join(' | ')]
  })
}

/** What they say of hosts, each row of those windows. */
export function toldCompleteness(rows: readonly WindowRow[], truth: FleetTruth): readonly string[] {
  const lines = rows
    .filter((row) => trueCompleteness(truth, timeOf(row.window_start)) !== undefined)
    .map((row) =>
      [
        ...[timeOf(row.window_start), Number(row.hosts), Number(row.hosts_not_whole), Number(row.lost)],
        row.whole,
      ].join(' | '),
    )
  return [...new Set(lines)].sort()
}

function connectsLine(
  startMs: number,
  source: string,
  destination: string,
  { connects, failures }: { readonly connects: number; readonly failures: number },
  percentiles: readonly (number | null | undefined)[],
): string {
  const told = percentiles.map((value) => value?.toFixed(3) ?? '')
  return [startMs, source, destination, Number(connects), Number(failures), ...told].join(' | ')
}

function startsOf(all: readonly number[]): readonly number[] {
  return [...new Set(all)].sort((a, b) => a - b)
}
