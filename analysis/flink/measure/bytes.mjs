// @ts-check
/** Bytes that an event takes on a broker's disk, by format and by how many are sent together; and what it takes to write it. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaConfig } from '../../../packages/hivetap/dist/sinks/kafka/config.js'
import { kafkaKind } from '../../../packages/hivetap/dist/sinks/kafka/kafka.js'
import { cpuSeconds } from './cpu-seconds.mjs'
import { fleetEvents } from './fleet-events.mjs'

/** One that says whose it is is longer, and most of that is the same each time. */
const NAMED_BATCHES = [10, 100, 1000]
const SHAPE = { nodes: 1, perNode: 100, destinations: 300, startMs: Date.now() - 3_600_000 }
const EVENTS = 60_000

/**
 * @param {import('../../../test/support/kafka/cluster.js').KafkaCluster} kafka
 * @param {(line: string) => void} say
 */
export async function measureBytes(kafka, say) {
  await measureEvents(kafka, say, false)
  await measureEvents(kafka, say, true)
}

/**
 * @param {import('../../../test/support/kafka/cluster.js').KafkaCluster} kafka
 * @param {(line: string) => void} say
 * @param {boolean} named
 */
async function measureEvents(kafka, say, named) {
  const lines = [...fleetEvents({ ...SHAPE, named }, EVENTS)]
  const json = lines.reduce((sum, { line }) => sum + line.length, 0) / EVENTS
  say(`an event as JSON${named ? ', with names of Kubernetes' : ''}: ${json.toFixed(0)} bytes`)
  const broker = childOf(process.pid, 'kafka.Kafka')
  for (const format of /** @type {const} */ (['json', 'protobuf']))
    for (const compression of /** @type {const} */ (['none', 'lz4', 'gzip']))
      for (const batch of compression !== 'lz4' ? [1000] : named ? NAMED_BATCHES : [1, ...NAMED_BATCHES]) {
        const topic = `bytes.${format}.${compression}.${batch}${named ? '.named' : ''}`
        await kafka.createTopic(topic)
        const before = cpuSeconds(broker)
        const { seconds } = await deliver(kafka, topic, format, compression, batch, lines)
        const each = (/** @type {number} */ cpu) => `${((cpu * 1e6) / EVENTS).toFixed(1)} µs of CPU`
        const bytes = bytesOf(kafka.directory, topic) / EVENTS
        say(
          `${format} ${compression}, ${batch} a batch: ${bytes.toFixed(0)} bytes on the broker, ` +
            `${each(seconds)} to send, ${each(cpuSeconds(broker) - before)} of the broker`,
        )
      }
}

/**
 * Sends lines by the agent's own sink.
 *
 * @param {import('../../../test/support/kafka/cluster.js').KafkaCluster} kafka
 * @param {string} topic
 * @param {'json' | 'protobuf'} format
 * @param {'none' | 'lz4' | 'gzip'} compression
 * @param {number} size of a batch
 * @param {readonly { sequence: number, timeMs: number, line: string }[]} lines
 */
export async function deliver(kafka, topic, format, compression, size, lines) {
  const settings = { type: 'kafka', name: 'measure', brokers: kafka.brokers, topic, format, compression }
  const destination = await kafkaKind.create(kafkaConfig.parse(settings), { node: 'node-0', note: () => {} })
  const signal = new AbortController().signal
  const before = process.cpuUsage()
  try {
    for (let at = 0; at < lines.length; at += size) {
      const records = lines.slice(at, at + size).map(({ timeMs, line }) => ({
        kind: /** @type {const} */ ('event'),
        tool: 'tcpconnlat',
        timeMs,
        value: Buffer.from(line),
      }))
      await destination.deliver({ epoch: 'measured', firstSequence: at, records }, signal)
    }
    const { user, system } = process.cpuUsage(before)
    return { seconds: (user + system) / 1e6 }
  } finally {
    await destination.close()
  }
}

/**
 * What a topic takes on its broker's disk.
 *
 * @param {string} directory
 * @param {string} topic
 */
export function bytesOf(directory, topic) {
  const partition = join(directory, '0', 'data', `${topic}-0`)
  const segments = readdirSync(partition).filter((name) => name.endsWith('.log'))
  return segments.reduce((sum, name) => sum + statSync(join(partition, name)).size, 0)
}

/**
 * A process that one started, by what stands in its command line.
 *
 * @param {number} parent
 * @param {string} text
 */
function childOf(parent, text) {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ')
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text))
  if (found === undefined) throw new Error(`No ${text} was started.`)
  return Number(found)
}
