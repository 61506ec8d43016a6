import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KafkaCluster, startCluster } from '../../test/support/kafka/cluster.js'
import { script } from './script.mjs'
import { SessionCluster } from './session-cluster.mjs'
import { PARTITIONS } from './test/fleet.js'
import { laterRecords } from './test/later.js'
import { madeCompleteness, toldCompleteness } from './test/made.js'
import { QUIET_ALERTS, quietAlert, quietRecords } from './test/quiet.js'
import { RESULT_TOPICS, type Results, resultsIn } from './test/results.js'
import { sendRecords } from './test/send.js'
import { countsOf, fromRows, outsideSketch } from './test/sketched.js'
import { summedFleet } from './test/summed-fleet.js'
import { trueWindows } from './test/truth.js'
import { untilJob } from './test/until-job.js'

const say = (line: string) => void process.stderr.write(`flink: ${line}\n`)

let kafka: KafkaCluster
let flink: SessionCluster

beforeAll(async () => {
  kafka = await startCluster()
  flink = await SessionCluster.start({ slots: 2, say })
})

afterAll(async () => {
  await flink?.close()
  await kafka?.close()
})

/** Has a job read records, and gives what it wrote when time has come past them. */
async function asked(
  results: string,
  records: Parameters<typeof sendRecords>[2],
  settings: Parameters<typeof script>[0],
  questions: readonly string[],
  endMs: number,
): Promise<Results> {
  const topic = `hivetap.events.${results}`
  await kafka.createTopic(topic, { partitions: PARTITIONS })
  for (const name of RESULT_TOPICS) await kafka.createTopic(`${results}.${name}`)
  const common = { brokers: kafka.brokers.join(','), topic, results, from: 'earliest-offset' }
  const patience = { idleTimeout: '60 s', checkpointInterval: '3 s' }
  const job = await flink.submit(script({ ...common, ...patience, ...settings }, questions))
  try {
    await sendRecords(kafka, topic, records)
    const done = await untilJob(flink, job, ({ watermark }) => watermark > endMs)
    await untilJob(flink, job, ({ checkpoints }) => checkpoints > done.checkpoints + 1)
    return await resultsIn(kafka, results)
  } finally {
    await flink.api.cancel(job)
  }
}

describe('a fleet whose agents send summaries, with what is slow or failed beside them', () => {
  const fleet = summedFleet()
  const made = trueWindows(fleet.truth.connects)
  let found: Results

  beforeAll(async () => {
    const end = Math.max(...fleet.records.map(({ timestamp }) => timestamp))
    const records = [...fleet.records, ...laterRecords(fleet.records)]
    found = await asked('summed', records, {}, ['windows', 'late', 'gaps'], end + 15 * 60_000)
  })

  it('is counted as it was made: no connect twice, none left out', () => {
    expect(countsOf(fromRows(found.windows))).toEqual(countsOf(made))
  })

  it('has percentiles that are within the error of a sketch', () => {
    expect(outsideSketch(fromRows(found.windows), made)).toEqual([])
  })

  it('is called whole where nothing of it is missing, and nowhere else', () => {
    expect(toldCompleteness(found.windows, fleet.truth)).toEqual(madeCompleteness(fleet.truth))
    expect(found.windows.some(({ whole }) => whole)).toBe(true)
  })

  it('is not late for being summed up', () => {
    expect(found.late).toEqual([])
  })
})

describe('a slow destination that falls silent', () => {
  it('is resolved when that was longer than is remembered, and opens anew', async () => {
    const records = quietRecords()
    const end = Math.max(...records.map(({ timestamp }) => timestamp)) - 60_000
    const settings = { remember: '10 min' }
    const { alerts } = await asked(
      'quiet',
      records,
      { ...settings, idleTimeout: '5 s' },
      ['slow_destinations'],
      end,
    )
    expect(alerts.map(quietAlert).sort()).toEqual(QUIET_ALERTS)
    expect(new Set(alerts.map(({ alert_id }) => alert_id)).size).toBe(QUIET_ALERTS.length / 2)
  })
})
