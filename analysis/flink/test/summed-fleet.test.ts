import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { detectedIn } from './detected.js'
import { expectedOf, recordLine } from './expected.js'
import { PARTITIONS } from './fleet.js'
import { madeCompleteness, toldCompleteness } from './made.js'
import { countsOf, fromDetected, fromRows, outsideSketch } from './sketched.js'
import { LATENESS_MS, summedFleet } from './summed-fleet.js'
import { trueWindows } from './truth.js'

const PATIENCE_MS = 120_000
const FIVE_MINUTES_MS = 300_000

it(
  'a fleet with summaries is seen as it was made: by DuckDB, and by hivetap detect',
  async () => {
    const fleet = summedFleet()
    expect(fleet.summed).toBeGreaterThan(1000)
    expect(fleet.large).toBeGreaterThan(300)
    expect(LATENESS_MS).toBe(30_000)
    const made = trueWindows(fleet.truth.connects)
    const directory = mkdtempSync(join(tmpdir(), 'hivetap-fleet-'))
    try {
      const file = join(directory, 'records.jsonl')
      writeFileSync(file, fleet.records.map(recordLine).join(''))
      const { windows } = await expectedOf(file)
      expect(countsOf(fromRows(windows))).toEqual(countsOf(made))
      expect(outsideSketch(fromRows(windows), made)).toEqual([])
      expect(toldCompleteness(windows, fleet.truth)).toEqual(madeCompleteness(fleet.truth))
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
    const { windows, late } = detectedIn(fleet.records, PARTITIONS)
    const whole = made.filter(({ startMs }) => startMs % FIVE_MINUTES_MS === 0)
    expect(late).toBe(0)
    expect(countsOf(fromDetected(windows))).toEqual(countsOf(whole))
    expect(outsideSketch(fromDetected(windows), whole)).toEqual([])
  },
  PATIENCE_MS,
)
