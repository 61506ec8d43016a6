// @ts-check
/** CPU that Flink takes for an event: a job reads a topic that is there to its end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { kafkaConfig } from '../../../packages/hivetap/dist/sinks/kafka/config.js'
import { kafkaKind } from '../../../packages/hivetap/dist/sinks/kafka/kafka.js'
import { script } from '../script.mjs'
import { cpuSeconds } from './cpu-seconds.mjs'
import { fleetEvents } from './fleet-events.mjs'

export const RATE_TOPIC = 'rate'
const SHAPE = { nodes: 100, perNode: 10, destinations: 300 }
const BATCH = 1000
const PARTITIONS = 4

/**
 * Fills the topic that jobs read.
 *
 * @param {import('../../../test/support/kafka/cluster.js').KafkaCluster} kafka
 * @param {number} count
 */
export async function fillTopic(kafka, count) {
  await kafka.createTopic(RATE_TOPIC, { partitions: PARTITIONS })
  const settings = { type: 'kafka', name: 'measure', brokers: kafka.brokers, topic: RATE_TOPIC }
  const destination = await kafkaKind.create(kafkaConfig.parse(settings), { node: 'node-0', note: () => {} })
  const signal = new AbortController().signal
  try {
    /** @type {import('../../../packages/hivetap/dist/spool/spool.js').SpoolRecord[]} */
    let records = []
    let at = 0
    for (const { timeMs, line } of fleetEvents({ ...SHAPE, startMs: Date.now() - 7_200_000 }, count)) {
      records.push({ kind: 'event', tool: 'tcpconnlat', timeMs, value: Buffer.from(line) })
      if (records.length < BATCH) continue
      await destination.deliver({ epoch: 'measured', firstSequence: at, records }, signal)
      at += records.length
      records = []
    }
  } finally {
    await destination.close()
  }
}

/**
 * @param {import('../session-cluster.mjs').SessionCluster} flink
 * @param {string} brokers
 * @param {readonly string[]} questions
 * @param {number} count
 * @param {(line: string) => void} say
 */
export async function measureRate(flink, brokers, questions, count, say) {
  const settings = { brokers, topic: RATE_TOPIC, results: 'rate', from: 'earliest-offset', untilEnd: true }
  const [pid = 0] = flink.taskManagers
  const job = await flink.submit(script({ ...settings, idleTimeout: '60 s', lateness: 60 }, questions))
  const start = cpuSeconds(pid)
  /** @type {{ read: number, cpu: number }[]} */
  const readings = []
  let state = { bytes: 0, read: 0 }
  for (;;) {
    const reading = await flink.api.job(job).catch(() => undefined)
    if (reading?.state === 'FAILED') throw new Error(await flink.api.failure(job))
    if (reading?.state === 'FINISHED') break
    if (reading !== undefined) {
      readings.push({ read: reading.read, cpu: cpuSeconds(pid) })
      if (reading.stateBytes > state.bytes) state = { bytes: reading.stateBytes, read: reading.read }
    }
    await sleep(1000)
  }
  const all = cpuSeconds(pid) - start
  // What is compiled by then is compiled: the second half of what was read.
  const half = readings.find(({ read }) => read >= count / 2)
  const rest = half === undefined ? 0 : count - half.read
  const warm = half === undefined ? 0 : cpuSeconds(pid) - half.cpu
  say(
    `${questions.join(', ')}: ${((all * 1e6) / count).toFixed(1)} µs of CPU an event, start of the job included; ` +
      `of the last ${rest}: ${rest === 0 ? '-' : ((warm * 1e6) / rest).toFixed(1)} µs, ${rest === 0 ? '-' : Math.round(rest / warm)} events a second on a core; ` +
      `largest checkpoint ${(state.bytes / 1e6).toFixed(0)} MB, at most ${state.read} events read`,
  )
}
