// @ts-check
/**
 * What summaries save: records and bytes that a node sends, and what it costs the agent, at given rates of connects and numbers of
 * keys. No broker takes part: bytes are those of the record batches that the Kafka sink would send.
 *
 *   npm run build && node scripts/measure-summaries.mjs
 */
import { monotonicNs } from '@hivetap/bpf'
import { Recorder } from '../packages/hivetap/dist/agent/recorder.js'
import { tcpconnlat } from '../packages/hivetap/dist/probes/tcpconnlat/tcpconnlat.js'
import { Random } from '../packages/hivetap/dist/simulation/random.js'
import { compressionsAlgorithms } from '../packages/hivetap/dist/sinks/kafka/client-library.js'
import { headersFor } from '../packages/hivetap/dist/sinks/kafka/headers.js'
import { protobufEncoder } from '../packages/hivetap/dist/sinks/kafka/protobuf-value.js'
import { RecordBatchEncoder } from '../packages/hivetap/dist/sinks/kafka/record-batch.js'

/** @typedef {import('../packages/hivetap/dist/spool/spool.js').SpoolRecord} SpoolRecord */

const SECONDS = 120
const RATES = [10, 100, 1000]
const KEYS = [10, 100, 1000]
const SUMMARIES = {
  tools: ['tcpconnlat'],
  everyMs: 10_000,
  delayMs: 1000,
  keepOverMs: 1000,
  keepFailed: true,
  maxKeys: 10_000,
  examples: 3,
}
/** Records of a batch at most, as the agent has it by itself. */
const BATCH = 1000
const lz4 = new RecordBatchEncoder(compressionsAlgorithms.lz4)
const protobuf = protobufEncoder()

/** @type {(rate: number, keys: number) => { toolIndex: 0, event: unknown }[]} */
function connects(rate, keys) {
  const random = new Random(1)
  const startNs = Number(monotonicNs()) - (SECONDS + 60) * 1e9
  return Array.from({ length: rate * SECONDS }, (_, index) => {
    const key = random.between(0, keys - 1)
    const slow = random.fraction() < 0.005 ? 10 : 1
    const latencyUs = Math.round(
      500 * (1 + (key % 7)) * Math.exp(random.fraction() + random.fraction()) * slow,
    )
    const isRefused = random.fraction() < 0.0005
    return {
      toolIndex: 0,
      event: {
        timeNs: startNs + (index / rate) * 1e9,
        toolIndex: 0,
        latencyUs,
        cgroupId: 4242 + (key % 10),
        cgroupKey: 1n,
        comm: `service-${key % 10}`,
        sourceAddress: '10.244.1.17',
        destinationAddress: `10.96.${key >> 8}.${key & 255}`,
        pid: 1000 + random.between(0, 50),
        tid: 2000 + random.between(0, 500),
        uid: 1000,
        netns: 4026531840 + (key % 10),
        srttUs: Math.round(latencyUs * 0.9),
        retransmits: 0,
        sourcePort: 32_768 + random.between(0, 28_000),
        destinationPort: 443,
        errorCode: isRefused ? 111 : 0,
        ipVersion: 4,
        outcome: isRefused ? 'refused' : 'connected',
        fastOpen: false,
      },
    }
  })
}

/** @param {number} rate @param {number} keys @param {boolean} summed */
async function measure(rate, keys, summed) {
  /** @type {(readonly SpoolRecord[])[]} */
  const batches = []
  const spool = /** @type {import('../packages/hivetap/dist/spool/spool.js').Spool} */ (
    /** @type {unknown} */ ({
      append: async (/** @type {{ records: readonly SpoolRecord[] }} */ { records }) => {
        batches.push(records.map((record) => ({ ...record, value: Buffer.from(record.value) })))
        return true
      },
    })
  )
  const recorder = new Recorder([{ tool: tcpconnlat, missing: new Map() }], {
    spool,
    batch: { records: BATCH, bytes: 512 << 10 },
    node: 'ip-10-0-12-34.eu-west-1.compute.internal',
    epoch: '0f8fad5b-d9cb-469f-a165-70867728950e',
    firstSequence: 0,
    eventsBefore: 0,
    ...(summed && { summaries: SUMMARIES }),
  })
  const signal = new AbortController().signal
  const events = connects(rate, keys)
  const before = process.cpuUsage()
  // A second's events go together: `queue.delay` of 1 s.
  for (let at = 0; at < events.length; at += rate) {
    recorder.beginBatch()
    for (const event of events.slice(at, at + rate)) recorder.take(event)
    await recorder.flush(signal)
  }
  recorder.endSummaries()
  await recorder.flush(signal)
  const { user, system } = process.cpuUsage(before)
  return {
    records: batches.reduce((sum, { length }) => sum + length, 0) / SECONDS,
    json: bytesOf(batches, 'json') / SECONDS,
    protobuf: bytesOf(batches, 'protobuf') / SECONDS,
    us: (user + system) / events.length,
  }
}

/** @param {readonly (readonly SpoolRecord[])[]} batches @param {'json' | 'protobuf'} format */
function bytesOf(batches, format) {
  const headers = headersFor({ format, cloud_events: false }, 'node')
  return batches.reduce((sum, records) => {
    const made = records.map((record) => ({
      key: undefined,
      value: format === 'json' ? Buffer.from(record.value) : protobuf(record),
      headers: headers(record),
      timeMs: Math.round(record.timeMs),
    }))
    return sum + lz4.encode(made, ({ timeMs }) => timeMs).length
  }, 0)
}

const say = (/** @type {readonly (string | number)[]} */ cells) =>
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
const rounded = (/** @type {number} */ value) =>
  value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')
await measure(1000, 100, true)
await measure(1000, 100, false)
say([
  'connects/s',
  'keys',
  'records/s',
  '',
  'JSON lz4, B/s',
  '',
  'Protobuf lz4, B/s',
  '',
  'µs of CPU an event',
  '',
])
say(Array(10).fill('---'))
for (const rate of RATES)
  for (const keys of KEYS) {
    const [plain, summed] = [await measure(rate, keys, false), await measure(rate, keys, true)]
    const both = (/** @type {'records' | 'json' | 'protobuf' | 'us'} */ what) =>
      [plain, summed].map((one) => rounded(one[what]))
    say([
      rate.toLocaleString('en'),
      keys,
      ...both('records'),
      ...both('json'),
      ...both('protobuf'),
      ...both('us'),
    ])
  }
