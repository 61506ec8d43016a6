import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KafkaCluster, startCluster } from '../../test/support/kafka/cluster.js'
import type { JobReading } from './job-manager-api.mjs'
import { script } from './script.mjs'
import { SessionCluster } from './session-cluster.mjs'
import { type Expected, expectedOf, recordLine } from './test/expected.js'
import { fastRecord, rightRecord } from './test/fast-clock.js'
import { lateRecord, PARTITIONS, testFleet } from './test/fleet.js'
import { laterRecords } from './test/later.js'
import { madeCompleteness, madeConnects, toldCompleteness, toldConnects } from './test/made.js'
import { RESULT_TOPICS, type Results, resultsIn } from './test/results.js'
import { SLOW_HOST } from './test/roles.js'
import { comparable, comparableAlerts, comparableGaps, timeOf } from './test/rows.js'
import { sendRecords } from './test/send.js'
import { untilJob } from './test/until-job.js'

const TOPIC = 'hivetap.events'
const fleet = testFleet()
const later = laterRecords(fleet.records)
/** What is said goes past vitest, which shows output at the end: a run takes minutes. */
const say = (line: string) => void process.stderr.write(`flink: ${line}\n`)

let kafka: KafkaCluster
let flink: SessionCluster
let expected: Expected
const until = (job: string, isSo: (reading: JobReading) => boolean) => untilJob(flink, job, isSo)

beforeAll(async () => {
  kafka = await startCluster()
  const file = join(kafka.directory, 'records.jsonl')
  writeFileSync(file, fleet.records.map(recordLine).join(''))
  expected = await expectedOf(file)
  flink = await SessionCluster.start({ slots: 2, say })
})

afterAll(async () => {
  await flink?.close()
  await kafka?.close()
})

describe('what DuckDB says of the fleet', () => {
  it('names what it was made to lose', () => {
    const gaps = expected.gaps.map(({ host, kind }) => `${host} ${kind}`).sort()
    expect(gaps).toEqual(['node-3 loss', 'node-4 kernel', 'node-5 cut'])
    expect(expected.windows.some(({ whole }) => whole)).toBe(true)
  })

  it('calls no window whole in which something was lost', () => {
    for (const { timeMs } of fleet.lost) {
      const covering = expected.windows.filter(
        (row) => timeOf(row.window_start) <= timeMs && timeMs < timeOf(row.window_end),
      )
      expect(covering.length).toBeGreaterThan(0)
      expect(covering.filter(({ whole }) => whole)).toEqual([])
    }
  })
})

describe.each([
  ['left alone', false],
  ['whose TaskManager is killed in the middle', true],
] as const)('a job %s', (_, isKilled) => {
  const results = isKilled ? 'killed' : 'alone'
  const topic = `${TOPIC}.${results}`
  let job: string
  let found: Results
  let reading: JobReading

  beforeAll(async () => {
    await kafka.createTopic(topic, { partitions: PARTITIONS })
    for (const name of RESULT_TOPICS) await kafka.createTopic(`${results}.${name}`)
    const settings = { brokers: kafka.brokers.join(','), topic, results, from: 'earliest-offset' }
    // Both cores may be busy with something else: what is not read for that long is not idle.
    job = await flink.submit(script({ ...settings, idleTimeout: '60 s', checkpointInterval: '3 s' }))
    const middle = Math.floor(fleet.records.length / 2)
    await sendRecords(kafka, topic, fleet.records.slice(0, middle))
    if (isKilled) {
      const before = await until(job, ({ read, checkpoints }) => read > 0 && checkpoints > 1)
      // Beyond what the last checkpoint knows.
      await until(job, ({ checkpoints }) => checkpoints > before.checkpoints)
      await flink.killTaskManager()
      await flink.startTaskManager()
      await until(job, ({ state, restarts }) => state === 'RUNNING' && restarts > 0)
    }
    await sendRecords(kafka, topic, [...fleet.records.slice(middle), ...later])
    const end = Math.max(...fleet.records.map(({ timestamp }) => timestamp)) + 15 * 60_000
    const done = await until(job, ({ watermark }) => watermark > end)
    // A checkpoint that began behind that comes when all has been written.
    reading = await until(job, ({ checkpoints }) => checkpoints > done.checkpoints + 1)
    found = await resultsIn(kafka, results)
  })

  afterAll(async () => {
    await flink.api.cancel(job)
  })

  it('counts each connect once, under the names of its ends, as the fleet was made', () => {
    expect(toldConnects(found.windows)).toEqual(madeConnects(fleet.truth))
  })

  it('says of each window what was made to be missing in it, and of no other that something is', () => {
    expect(toldCompleteness(found.windows, fleet.truth)).toEqual(madeCompleteness(fleet.truth))
  })

  it('counts connects and failures as DuckDB does, and gives the same percentiles and the same windows as whole', () => {
    expect(comparable(found.windows)).toEqual(comparable(expected.windows))
  })

  it('tells the same gaps', () => {
    expect(comparableGaps(found.gaps)).toEqual(comparableGaps(expected.gaps))
  })

  it('tells of the same slow destinations', () => {
    expect(comparableAlerts(found.alerts)).toEqual(comparableAlerts(expected.slow))
    expect(found.alerts.map(({ state }) => state).sort()).toEqual(['open', 'resolved'])
  })

  it('finds no event late for a clock that is two hours fast, nor for a partition that is empty', () => {
    expect(found.late).toEqual([])
  })

  it('counts what cannot be read', () => {
    expect(found.unreadable).toBe(fleet.unreadable)
  })

  it(isKilled ? 'was started again' : 'ran through', () => {
    // Each try without a TaskManager counts.
    if (isKilled) expect(reading.restarts).toBeGreaterThan(0)
    else expect([reading.restarts, found.copies]).toEqual([0, 0])
  })

  it('names the host of an event that comes when its windows were told', async () => {
    await sendRecords(kafka, topic, [lateRecord(fleet)])
    const { checkpoints: before } = await flink.api.job(job)
    await until(job, ({ checkpoints }) => checkpoints > before + 1)
    const { late, windows } = await resultsIn(kafka, results)
    expect(late).toMatchObject([{ host: SLOW_HOST, connects: 1 }])
    expect(comparable(windows)).toEqual(comparable(found.windows))
  })
})

describe('a clock that is half an hour fast, which the broker takes', () => {
  it('makes nobody else late', async () => {
    const topic = `${TOPIC}.fast`
    await kafka.createTopic(topic)
    for (const name of RESULT_TOPICS) await kafka.createTopic(`fast.${name}`)
    const settings = { brokers: kafka.brokers.join(','), topic, results: 'fast', from: 'earliest-offset' }
    const job = await flink.submit(script({ ...settings, checkpointInterval: '3 s' }, ['late']))
    try {
      await sendRecords(kafka, topic, [fastRecord(Date.now())])
      const { watermark } = await until(job, (one) => one.read > 0 && one.watermark > 0)
      expect(watermark).toBeLessThan(Date.now())
      // Of a clock that is right: it happened now, and comes behind the other.
      await sendRecords(kafka, topic, [rightRecord(Date.now())])
      const { checkpoints } = await until(job, ({ read }) => read > 1)
      await until(job, (one) => one.checkpoints > checkpoints + 1)
      expect((await resultsIn(kafka, 'fast')).late).toEqual([])
    } finally {
      await flink.api.cancel(job)
    }
  })
})
