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
  'a topic of four partitions on one broker on the same machine, acknowledged by all replicas, lz4. The buffer is as large as ' +
  'the agent’s, 2 MiB. The peer is the bare client: the same lines sent batch by batch, no spool, no account, nothing tried ' +
  'again (`bench/kafka/bare.mjs`). In turns; the middle of the runs, the least and the most. Paced: 104,000 events a second are ' +
  'offered, each millisecond what is due; the question is whether all arrive. Flood: as many as one processor can make, far more ' +
  'than anybody takes; the question is how many arrive, and whether the rest is counted: made = arrived + refused by the buffer.'

const ROUNDS = 3
const SECONDS = 10
const EVENTS_A_CALL = 16
/** Events a second that are offered; some above what is wanted, since the time until the last is acknowledged counts too. */
const PACED = 104_000
/** As fast as they can be made. */
const FLOOD = 0
const SLOW = 5000
/** Paced, they come in bursts of so many milliseconds. */
const NAP_MS = 1
/** Events that the buffer holds: 2 MiB of 136 bytes each, and 8 of its own. */
const BUFFER_EVENTS = Math.floor((2 << 20) / 144)
const OBJECT = join(ROOT, 'bench/ring-buffer/flood.bpf.o')
const TOPIC = 'bench'

/** @typedef {{ made: number, delivered: number, refused: number, aSecond: number, cpuUs: number, p99: number, p50: number, unreadMs: number, ownMs: number, collectMs: number, appendMs: number }} Reading */

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const producer = compile('ring-buffer/producer.c')
  const cluster = await startBroker()
  try {
    await cluster.createTopic(TOPIC, { partitions: 4 })
    const [broker = ''] = cluster.brokers
    const ours = (/** @type {number} */ rate) => measure(producer, 'through-spool.mjs', broker, rate)
    const theirs = (/** @type {number} */ rate) => measure(producer, 'bare.mjs', broker, rate)
    const paced = await inTurns(
      () => ours(PACED),
      () => theirs(PACED),
    )
    const flood = await inTurns(
      () => ours(FLOOD),
      () => theirs(FLOOD),
    )
    const slow = await ours(SLOW)
    const all = [...paced.ours, ...paced.theirs, ...flood.ours, ...flood.theirs, slow]
    const uncounted = all.reduce(
      (sum, { made, delivered, refused }) => sum + Math.abs(made - delivered - refused),
      0,
    )
    const cpu = ratios(cpuOf(paced.ours), cpuOf(paced.theirs))
    const longest = paced.ours.toSorted((a, b) => b.unreadMs - a.unreadMs)[0]
    const holdsMs = (BUFFER_EVENTS / PACED) * 1000
    return [
      {
        name: `paced: events a second, from the ring buffer through the spool to acknowledged; ${PACED.toLocaleString('en')} offered`,
        hivetap: spread(ratesOf(paced.ours), 0),
        peer: `bare client ${spread(ratesOf(paced.theirs), 0)}`,
        limit: '≥ 100,000',
        reached: median(ratesOf(paced.ours)) >= 100_000,
      },
      {
        name: `paced: lost, of ${madeIn(paced.ours)}`,
        hivetap: lostIn(paced.ours).toLocaleString('en'),
        peer: `bare client ${lostIn(paced.theirs).toLocaleString('en')} of ${madeIn(paced.theirs)}`,
        limit: '0',
        reached: lostIn(paced.ours) === 0,
      },
      {
        name: 'paced: CPU an event',
        hivetap: `${spread(cpuOf(paced.ours), 1)} µs: ${spread(cpu, 2)} of the bare client’s`,
        peer: `bare client ${spread(cpuOf(paced.theirs), 1)} µs`,
        limit: '≤ 1.5',
        reached: median(cpu) <= 1.5,
      },
      {
        name: `paced: the buffer was not read for, at most; it holds what comes in ${holdsMs.toFixed(0)} ms`,
        hivetap: `${longest?.unreadMs.toFixed(0)} ms, at most ${longest?.ownMs.toFixed(0)} of them processor time of its own (longest collection of garbage ${longest?.collectMs.toFixed(0)}, longest append to the spool ${longest?.appendMs.toFixed(0)})`,
        limit: `≤ ${holdsMs.toFixed(0)} ms`,
        reached: (longest?.unreadMs ?? Number.POSITIVE_INFINITY) <= holdsMs,
      },
      {
        name: 'flood: events a second that arrived',
        hivetap: spread(ratesOf(flood.ours), 0),
        peer: `bare client ${spread(ratesOf(flood.theirs), 0)}`,
        limit: 'as many as the bare client',
        reached: median(ratios(ratesOf(flood.ours), ratesOf(flood.theirs))) >= 1,
      },
      {
        name: `flood: refused by the buffer, of ${madeIn(flood.ours)}`,
        hivetap: lostIn(flood.ours).toLocaleString('en'),
        peer: `bare client ${lostIn(flood.theirs).toLocaleString('en')} of ${madeIn(flood.theirs)}`,
        limit: 'counted',
        reached: true,
      },
      {
        name: 'of all runs: events that neither arrived nor were counted as refused',
        hivetap: uncounted.toLocaleString('en'),
        limit: '0',
        reached: uncounted === 0,
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
 * @param {number} rate events a second; 0 is a flood
 * @returns {Promise<Reading>}
 */
async function measure(producerProgram, reader, broker, rate) {
  const spool = mkdtempSync(join(WORK, 'spool-'))
  try {
    const nap = rate === FLOOD ? [] : [String(NAP_MS)]
    const producer = new Program(producerProgram, [String(rate / EVENTS_A_CALL), String(SECONDS), ...nap])
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
    const { delivered = 0, lost = 0, cpuSeconds = 0, p50 = 0, p99 = 0, ...pauses } = consumer.result()
    const { unreadMs = 0, ownMs = 0, collectMs = 0, appendMs = 0 } = pauses
    const made = calls * EVENTS_A_CALL
    return {
      made,
      delivered,
      refused: lost,
      aSecond: delivered / seconds,
      cpuUs: (cpuSeconds / delivered) * 1e6,
      p50,
      p99,
      unreadMs,
      ownMs,
      collectMs,
      appendMs,
    }
  } finally {
    rmSync(spool, { recursive: true })
  }
}

/**
 * @param {() => Promise<Reading>} ours
 * @param {() => Promise<Reading>} theirs
 */
async function inTurns(ours, theirs) {
  /** @type {{ ours: Reading[], theirs: Reading[] }} */
  const readings = { ours: [], theirs: [] }
  for (let round = 0; round < ROUNDS; round++) {
    readings.ours.push(await ours())
    readings.theirs.push(await theirs())
  }
  return readings
}

/** @param {readonly Reading[]} readings */
function ratesOf(readings) {
  return readings.map(({ aSecond }) => aSecond)
}

/** @param {readonly Reading[]} readings */
function madeIn(readings) {
  return readings.reduce((sum, { made }) => sum + made, 0).toLocaleString('en')
}

/** @param {readonly Reading[]} readings */
function lostIn(readings) {
  return readings.reduce((sum, { made, delivered }) => sum + made - delivered, 0)
}

/** @param {readonly Reading[]} readings */
function cpuOf(readings) {
  return readings.map(({ cpuUs }) => cpuUs)
}
