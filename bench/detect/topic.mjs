// @ts-check
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Producer } from '@platformatic/kafka'
import { ROOT } from '../../scripts/root.mjs'
import { jsonLines } from '../detect-input/lines.mjs'
import { bestSpread } from '../figure.mjs'
import { startBroker } from '../kafka/broker.mjs'

export const topicAbout =
  'From a topic: the same lines as records of four partitions, a thousand a batch, lz4, on a real broker on the same machine; a ' +
  'process of its own reads them as `hivetap detect --topic` does, with the rules that it has by itself. Its processor time from ' +
  'the first record on, of all its threads; of five runs likewise.'

const EVENTS = 1_000_000
const ROUNDS = 5
const PARTITIONS = 4
const A_BATCH = 1000
const TOPIC = 'bench-detect'

/** Rows of the figures of detection from a topic. @returns {Promise<readonly import('../figure.mjs').Figure[]>} */
export async function topicFigures() {
  const cluster = await startBroker()
  try {
    // The events are not of now: they are kept all the same.
    await cluster.createTopic(TOPIC, { partitions: PARTITIONS, configs: { 'retention.ms': '-1' } })
    await fill(cluster.brokers)
    /** @type {number[]} */
    const rates = []
    for (let round = 0; round < ROUNDS; round++) {
      const args = [cluster.brokers[0] ?? '', TOPIC, `bench-${round}`, String(EVENTS)]
      const { stdout } = await promisify(execFile)(process.execPath, [
        join(ROOT, 'bench/detect/topic-reader.mjs'),
        ...args,
      ])
      const { observations, cpuSeconds } = JSON.parse(stdout)
      if (observations !== EVENTS) throw new Error(`${observations} of ${EVENTS} events were read`)
      rates.push(EVENTS / cpuSeconds)
    }
    return [
      {
        name: 'events a second, from a topic to its alerts',
        hivetap: bestSpread(rates),
        limit: '≥ 250,000',
        reached: Math.max(...rates) >= 250_000,
      },
    ]
  } finally {
    await cluster.close()
  }
}

/** @param {readonly string[]} brokers */
async function fill(brokers) {
  const producer = new Producer({
    clientId: 'bench',
    bootstrapBrokers: [...brokers],
    idempotent: false,
    compression: 'lz4',
  })
  const lines = jsonLines(EVENTS).toString().split('\n').filter(Boolean)
  for (let at = 0; at < lines.length; at += A_BATCH) {
    const messages = lines.slice(at, at + A_BATCH).map((line) => ({
      topic: TOPIC,
      partition: (at / A_BATCH) % PARTITIONS,
      value: Buffer.from(line),
      timestamp: BigInt(Math.floor(Date.parse(JSON.parse(line).time))),
    }))
    await producer.send({ acks: -1, messages })
  }
  await producer.close()
}
