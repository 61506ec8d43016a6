import { type DetectedWindow, SHARES } from './detected.js'
import { timeOf, type WindowRow } from './rows.js'
import { neighboursOf, type TrueWindow } from './truth.js'

/** What somebody says of a window, of a source and a destination, whose percentiles may come from sketches. */
export interface SketchedWindow {
  readonly startMs: number
  readonly source: string
  readonly destination: string
  readonly connects: number
  readonly failures: number
  /** Of `SHARES`; `undefined` where none was connected. */
  readonly percentilesUs: readonly (number | undefined)[]
}

/** What of a window is counted. */
type Counted = Pick<SketchedWindow, 'startMs' | 'source' | 'destination' | 'connects' | 'failures'>

/** Rows of `windows`. */
export function fromRows(rows: readonly WindowRow[]): readonly SketchedWindow[] {
  return rows.map((row) => ({
    ...{ startMs: timeOf(row.window_start), source: row.source, destination: row.destination },
    ...{ connects: Number(row.connects), failures: Number(row.failures) },
    percentilesUs: [row.p50_us, row.p95_us, row.p99_us].map((value) => value ?? undefined),
  }))
}

/** What `hivetap detect` says. */
export function fromDetected(windows: readonly DetectedWindow[]): readonly SketchedWindow[] {
  return windows.map(({ percentilesUs, ...window }) => ({ ...window, percentilesUs }))
}

/** Windows with what they count, to be compared to the last one. */
export function countsOf(windows: readonly Counted[]): readonly string[] {
  return windows.map((one) => `${nameOf(one)} ${one.connects} ${one.failures}`).sort()
}

/** Percentiles that are further from the truth than a sketch may be: 1 % from the values that they lie between. None is as it should be. */
export function outsideSketch(
  windows: readonly SketchedWindow[],
  made: readonly TrueWindow[],
): readonly string[] {
  const told = new Map(windows.map((one) => [nameOf(one), one]))
  return made.flatMap((one) =>
    SHARES.flatMap((share, index) => {
      const [low, high] = neighboursOf(one.latenciesUs, share)
      if (low === undefined || high === undefined) return []
      const value = told.get(nameOf(one))?.percentilesUs[index] ?? Number.NaN
      // hivetap's own are whole microseconds.
      const isNear = value >= Math.floor(low * 0.99) && value <= Math.ceil(high * 1.01)
      return isNear ? [] : [`${nameOf(one)} p${share}: ${value}, and not from ${low} to ${high}`]
    }),
  )
}

function nameOf({ startMs, source, destination }: Counted): string {
  return [startMs, source, destination].join(' | ')
}
