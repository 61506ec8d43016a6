import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import { Detector } from '../packages/hivetap/src/detect/detector.js'
import { detectReader } from '../packages/hivetap/src/detect/input/detect-reader.js'
import { detectionSchema, rulesOf } from '../packages/hivetap/src/detect/rules/schema.js'
import { Random } from '../packages/hivetap/src/simulation/random.js'

const START_MS = Date.parse('2026-11-28T05:00:00Z')
const MINUTES = 30
const QUANTILES = [0.5, 0.95, 0.99]

const WORKLOAD = ',"k8s_namespace":"shop","k8s_workload":"checkout"'

/** Lines as agents write them: a few sources and destinations, latencies over five orders of magnitude, one in ten fails. */
function eventLines(count: number): string {
  const random = new Random(7)
  let lines = ''
  for (let index = 0; index < count; index++) {
    const time = new Date(START_MS + Math.floor((index / count) * MINUTES * 60_000)).toISOString()
    const outcome = random.happens(0.1) ? 'refused' : 'connected'
    const latency = Math.round(10 ** (1.5 + random.fraction() * 5))
    lines +=
      `{"version":1,"event_id":"0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00-${index}","time":"${time.replace('Z', '000000Z')}",` +
      `"host":"node-${random.between(1, 3)}","tool":"tcpconnlat","pid":1,"latency_us":${latency},` +
      `"comm":"${random.pick(['curl', 'my app', 'wörker'])}","destination_address":"${random.pick(['10.0.0.1', 'fd00::7'])}",` +
      `"destination_port":${random.pick([443, 5432])},"outcome":"${outcome}"${random.pick(['', WORKLOAD])}}\n`
  }
  return lines
}

/** What the detector's rules found in each window of each key. */
function detected(lines: string): ReadonlyMap<string, readonly number[]> {
  const common = { window: '5m', min_connects: 0 }
  const rules = rulesOf(
    detectionSchema.parse({
      rules: [
        { kind: 'failures', ...common },
        ...QUANTILES.map((quantile) => ({ kind: 'baseline', name: `q${quantile}`, quantile, ...common })),
      ],
    }),
  )
  const found = new Map<string, number[]>()
  const detector = new Detector({
    rules,
    latenessUs: 0,
    maxKeys: 1000,
    explain: ({ rule, key, windowStartUs, judgement }) => {
      if (judgement.connects === 0 && judgement.bad === 0) return
      const place = `${windowStartUs} ${key.source} ${key.destination}`
      const row = found.get(place) ?? []
      found.set(place, row)
      row.push(...(rule === 'failures' ? [judgement.connects, judgement.bad] : [judgement.observed]))
    },
  })
  const reader = detectReader({ take: (one) => detector.take(one), nowUs: () => Date.now() * 1000 })
  reader.take(Buffer.from(lines))
  reader.end()
  detector.finish()
  return found
}

async function asked(path: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const answer = await connection.runAndReadAll(
      `SELECT epoch_us(time_bucket(INTERVAL 5 MINUTE, time::TIMESTAMP)) || ' ' || coalesce(k8s_namespace || '/' || k8s_workload, comm) || ' ' ||
         if(contains(destination_address, ':'), '[' || destination_address || ']', destination_address) || ':' || destination_port,
         count(*)::DOUBLE, count(*) FILTER (outcome <> 'connected')::DOUBLE,
         ${QUANTILES.map((q) => `(quantile_disc(latency_us, ${q}) FILTER (outcome = 'connected'))::DOUBLE`).join(', ')}
       FROM read_json('${path}', format = 'newline_delimited') GROUP BY 1`,
    )
    return new Map(answer.getRows().map(([place, ...figures]) => [String(place), figures.map(Number)]))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

it('hivetap detect counts as a plain query does, and its quantiles are within the error of a sketch', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hivetap-equal-'))
  try {
    const lines = eventLines(20_000)
    const path = join(folder, 'events.json')
    writeFileSync(path, lines)
    const ours = detected(lines)
    const theirs = await asked(path)
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort())
    expect(ours.size).toBe(6 * 4 * 4)
    for (const [place, [connects, failures, ...quantiles]] of theirs) {
      const [ourConnects, ourFailures, ...ourQuantiles] = ours.get(place) ?? []
      expect([ourConnects, ourFailures], place).toEqual([connects, failures])
      for (const [index, quantile] of quantiles.entries()) {
        // The detector's is rounded to microseconds.
        const off = Math.abs((ourQuantiles[index] ?? 0) - quantile)
        expect(off, `${place}: quantile ${QUANTILES[index]}`).toBeLessThanOrEqual(quantile * 0.01 + 0.5)
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)
