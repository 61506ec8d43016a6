// @ts-check
/**
 * Measures what docs/scale.md multiplies: `node analysis/flink/measure/run.mjs [bytes] [rate]`. A broker and Flink are started
 * for it; processor time is counted, so that other work on the machine matters little.
 *
 *   --events N      events that Flink reads (1000000)
 */
import { parseArgs } from 'node:util'
import { startBroker } from '../../../bench/kafka/broker.mjs'
import { SessionCluster } from '../session-cluster.mjs'
import { measureBytes } from './bytes.mjs'
import { fillTopic, measureRate } from './rate.mjs'

const JOBS = [['windows'], ['windows', 'slow_destinations', 'gaps', 'late'], ['unreadable']]
const RESULTS = ['windows', 'alerts', 'gaps', 'late', 'unreadable']

const { values, positionals } = parseArgs({ options: { events: { type: 'string' } }, allowPositionals: true })
const events = Number(values.events ?? 1_000_000)
const wants = (/** @type {string} */ what) => positionals.length === 0 || positionals.includes(what)
const say = (/** @type {string} */ line) => void process.stdout.write(`${line}\n`)

const kafka = await startBroker()
try {
  if (wants('bytes')) await measureBytes(kafka, say)
  if (wants('rate')) await rates()
} finally {
  await kafka.close()
}

async function rates() {
  await fillTopic(kafka, events)
  for (const name of RESULTS) await kafka.createTopic(`rate.${name}`)
  const flink = await SessionCluster.start({
    slots: 1,
    say: (line) => void process.stderr.write(`${line}\n`),
  })
  try {
    for (const questions of JOBS) await measureRate(flink, kafka.brokers.join(','), questions, events, say)
  } finally {
    await flink.close()
  }
}
