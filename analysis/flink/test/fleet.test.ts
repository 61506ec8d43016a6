import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { detectedIn, SHARES } from './detected.js'
import { expectedOf, recordLine } from './expected.js'
import { PARTITIONS, testFleet } from './fleet.js'
import { madeCompleteness, madeConnects, toldCompleteness, toldConnects } from './made.js'
import { neighboursOf, trueCompleteness, trueWindows } from './truth.js'

const fleet = testFleet()
const FIVE_MINUTES_MS = 5 * 60_000
/** Five thousand records, read by another engine: on a busy machine that takes its time. */
const PATIENCE_MS = 60_000

describe('the fleet that Flink, DuckDB and hivetap detect are asked about', { timeout: PATIENCE_MS }, () => {
  it('has copies, losses, and windows that are whole and windows that are not', () => {
    const { copies, connects, gaps, hosts } = fleet.truth
    expect(copies).toBeGreaterThan(500)
    expect(connects.length).toBeGreaterThan(3000)
    expect(hosts).toBe(5)
    for (const { fromMs, toMs } of gaps) expect([fromMs > 0, toMs - fromMs < 200_000]).toEqual([true, true])
    const starts = new Set(trueWindows(connects).map(({ startMs }) => startMs))
    const middle = [...starts].flatMap((startMs) => trueCompleteness(fleet.truth, startMs) ?? [])
    expect(middle.filter(({ hostsNotWhole }) => hostsNotWhole === 0).length).toBeGreaterThan(0)
    expect(middle.filter(({ lost }) => lost > 0).length).toBeGreaterThan(0)
  })

  it('is seen by DuckDB as it was made', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hivetap-fleet-'))
    try {
      const file = join(directory, 'records.jsonl')
      writeFileSync(file, fleet.records.map(recordLine).join(''))
      const { windows } = await expectedOf(file)
      expect(toldConnects(windows)).toEqual(madeConnects(fleet.truth))
      expect(toldCompleteness(windows, fleet.truth)).toEqual(madeCompleteness(fleet.truth))
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it('is seen by hivetap detect as it was made: no copy counts, no clock makes others late, each end has its name', () => {
    const { windows, copies, late } = detectedIn(fleet.records, PARTITIONS)
    const told = new Map(windows.map((one) => [nameOf(one), one]))
    const made = trueWindows(fleet.truth.connects).filter(({ startMs }) => startMs % FIVE_MINUTES_MS === 0)
    const counts = <T extends { connects: number; failures: number }>(
      all: readonly T[],
      name: (one: T) => string,
    ) => all.map((one) => `${name(one)} ${one.connects} ${one.failures}`).sort()
    expect(counts(windows, nameOf)).toEqual(counts(made, nameOf))
    expect([late, copies > 0]).toEqual([0, true])
    for (const one of made)
      for (const [index, share] of SHARES.entries()) {
        const [low = 0, high = 0] = neighboursOf(one.latenciesUs, share)
        const observed = told.get(nameOf(one))?.percentilesUs[index] ?? Number.NaN
        expect(observed, `${nameOf(one)} p${share}`).toBeGreaterThanOrEqual(Math.floor(low * 0.99))
        expect(observed, `${nameOf(one)} p${share}`).toBeLessThanOrEqual(Math.ceil(high * 1.01))
      }
  })
})

function nameOf(one: {
  readonly startMs: number
  readonly source: string
  readonly destination: string
}): string {
  return [one.startMs, one.source, one.destination].join(' | ')
}
