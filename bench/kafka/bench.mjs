// @ts-check
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/root.mjs'
import { compile, WORK } from '../compile.mjs'
import { median, ratios, spread } from '../figure.mjs'
import { Program, wait } from '../program.mjs'
import { startBroker } from './broker.mjs'

export const title = 'From the ring buffer to a topic'
export const about =
  'A program in the kernel hands out connect events, 16 a system call; they are recorded in a spool on disk and delivered to ' +
  'a topic of four partitions on one broker on the same machine, acknowledged by all replicas, lz4. The peer is the bare ' +
  'client: the same lines sent batch by batch, no spool, no account, nothing tried again (`bench/kafka/bare.mjs`). In turns; ' +
  'the middle of the runs, the least and the most.'

const ROUNDS = 3
const SECONDS = 10
const EVENTS_A_CALL = 16
const OBJECT = join(ROOT, 'bench/ring-buffer/flood.bpf.o')
const TOPIC = 'bench'

/** @typedef {{ made: number, delivered: number, aSecond: number, cpuUs: number, p99: number, p50: number }} Reading */

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const producer = compile('ring-buffer/producer.c')
  const cluster = await startBroker()
  try {
    await cluster.createTopic(TOPIC, { partitions: 4 })
    const [broker = ''] = cluster.brokers
    const ours = (/** @type {number} */ rate) => measure(producer, 'through-spool.mjs', broker, rate)
    const theirs = (/** @type {number} */ rate) => measure(producer, 'bare.mjs', broker, rate)
    /** @type {Reading[]} */
    const fast = []
    /** @type {Reading[]} */
    const bare = []
    for (let round = 0; round < ROUNDS; round++) {
      fast.push(await ours(110_000))
      bare.push(await theirs(110_000))
    }
    const slow = await ours(5000)
    const rates = fast.map(({ aSecond }) => aSecond)
    const lost = fast.reduce((sum, { made, delivered }) => sum + made - delivered, 0)
    const cpu = ratios(cpuOf(fast), cpuOf(bare))
    return [
      {
        name: 'events a second, from the ring buffer through the spool to acknowledged',
        hivetap: `${spread(rates, 0)}`,
        peer: `bare client ${spread(
          bare.map(({ aSecond }) => aSecond),
          0,
        )}`,
        limit: '≥ 100,000',
        reached: median(rates) >= 100_000,
      },
      {
        name: `lost, of ${fast.reduce((sum, { made }) => sum + made, 0).toLocaleString('en')}`,
        hivetap: `${lost}`,
        peer: `bare client ${bare.reduce((sum, { made, delivered }) => sum + made - delivered, 0)}`,
        limit: '0',
        reached: lost === 0,
      },
      {
        name: 'CPU an event',
        hivetap: `${spread(cpuOf(fast), 1)} µs: ${spread(cpu, 2)} of the bare client’s`,
        peer: `bare client ${spread(cpuOf(bare), 1)} µs`,
        limit: '≤ 1.5',
        reached: median(cpu) <= 1.5,
      },
      {
        name: 'event to acknowledgement at 5,000 a second, p99',
        hivetap: `${slow.p99.toFixed(1)} ms (p50 ${slow.p50.toFixed(1)})`,
        limit: '≤ 100 ms',
        reached: slow.p99 <= 100,
      },
    ]
  } finally {
    await cluster.close()
  }
}

/**
 * @param {string} producerProgram
 * @param {string} reader
 * @param {string} broker
 * @param {number} rate events a second
 * @returns {Promise<Reading>}
 */
async function measure(producerProgram, reader, broker, rate) {
  const spool = mkdtempSync(join(WORK, 'spool-'))
  try {
    const producer = new Program(producerProgram, [String(rate / EVENTS_A_CALL), String(SECONDS)])
    const args = [join(ROOT, 'bench/kafka', reader), OBJECT, String(producer.pid), broker, TOPIC, spool]
    const consumer = new Program(process.execPath, args)
    await consumer.until(() => consumer.stdout.includes('ready'), 'it was ready')
    const begin = performance.now()
    producer.begin()
    await producer.ended()
    await wait(100)
    await consumer.end()
    const seconds = (performance.now() - begin) / 1000
    const { calls = 0 } = producer.result()
    const { delivered = 0, cpuSeconds = 0, p50 = 0, p99 = 0 } = consumer.result()
    const made = calls * EVENTS_A_CALL
    return {
      made,
      delivered,
      aSecond: delivered / seconds,
      cpuUs: (cpuSeconds / delivered) * 1e6,
      p50,
      p99,
    }
  } finally {
    rmSync(spool, { recursive: true })
  }
}

/** @param {readonly Reading[]} readings */
function cpuOf(readings) {
  return readings.map(({ cpuUs }) => cpuUs)
}
