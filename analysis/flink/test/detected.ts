import { Detector } from '../../../packages/hivetap/src/detect/detector.js'
import { detectReader } from '../../../packages/hivetap/src/detect/input/detect-reader.js'
import type { Explained } from '../../../packages/hivetap/src/detect/lane.js'
import { detectionSchema, rulesOf } from '../../../packages/hivetap/src/detect/rules/schema.js'
import type { FleetRecord } from './fleet.js'

/** What `hivetap detect` sees in a window of five minutes, of a source and a destination. */
export interface DetectedWindow {
  readonly startMs: number
  readonly source: string
  readonly destination: string
  readonly connects: number
  readonly failures: number
  /** p50, p95, p99 of those that were connected, within 1 %; 0 where there is none. */
  readonly percentilesUs: readonly number[]
}

export interface Detected {
  readonly windows: readonly DetectedWindow[]
  readonly copies: number
  readonly late: number
}

/** What is compared, of a window. */
export const SHARES = [0.5, 0.95, 0.99] as const

const by = ['source', 'destination']
const RULES = rulesOf(
  detectionSchema.parse({
    rules: [
      { kind: 'failures', name: 'failures', by, window: '5m' },
      ...SHARES.map((quantile) => ({ kind: 'baseline', name: `p${quantile}`, by, window: '5m', quantile })),
    ],
  }),
)

/**
 * Has the code of `hivetap detect` read the records of a topic, partitions beside each other, as the command does. Those of
 * tcpconnect are left out: it tells the same connects once more, which `detect` counts and the SQL does not ask for.
 */
export function detectedIn(records: readonly FleetRecord[], partitions: number): Detected {
  const explained: Explained[] = []
  const detector = new Detector({
    rules: RULES,
    latenessUs: 30_000_000,
    maxKeys: 10_000,
    explain: (one) => explained.push(one),
  })
  const reader = detectReader({ take: (one) => detector.take(one), nowUs: () => Date.now() * 1000 })
  for (let partition = 0; partition < partitions; partition++) detector.expect(partition)
  for (const { partition, timestamp, value } of records.filter(isAsked))
    reader.readRecord(Buffer.from(value), partition, timestamp * 1000 + 999)
  detector.finish()
  return { windows: windowsOf(explained), copies: detector.copies, late: detector.late }
}

function isAsked({ value }: FleetRecord): boolean {
  return !value.includes('"tool":"tcpconnect"')
}

function windowsOf(explained: readonly Explained[]): readonly DetectedWindow[] {
  const windows = new Map<string, DetectedWindow>()
  const percentiles = new Map<string, number[]>()
  for (const { rule, key, windowStartUs, judgement } of explained) {
    const { source = '', destination = '' } = key
    const startMs = windowStartUs / 1000
    const id = JSON.stringify([startMs, source, destination])
    if (rule !== 'failures') percentiles.set(id, [...(percentiles.get(id) ?? []), judgement.observed])
    else if (judgement.connects > 0)
      windows.set(id, {
        ...{ startMs, source, destination, percentilesUs: [] },
        ...{ connects: judgement.connects, failures: judgement.bad },
      })
  }
  return [...windows].map(([id, window]) => ({ ...window, percentilesUs: percentiles.get(id) ?? [] }))
}
