// @ts-check
/**
 * Takes the events of flood.bpf.o the way of an agent: recorded in a spool on disk, delivered to a topic.
 *
 *   through-spool.mjs FLOOD.bpf.o PRODUCER_PID BROKER TOPIC SPOOL_DIR
 *
 * Told to end, it delivers what is left, and prints what it counted, its processor time, how long events took, and for how long
 * at most the buffer was not read and what took the time, as JSON.
 */
import { randomUUID } from 'node:crypto'
import { Recorder } from '../../packages/hivetap/dist/agent/recorder.js'
import { Delivery } from '../../packages/hivetap/dist/delivery/delivery.js'
import { tcpconnlat } from '../../packages/hivetap/dist/probes/tcpconnlat/tcpconnlat.js'
import { kafkaKind } from '../../packages/hivetap/dist/sinks/kafka/kafka.js'
import { openDiskSpool } from '../../packages/hivetap/dist/spool/disk-spool.js'
import { Lingering } from '../../packages/hivetap/dist/stream/lingering.js'
import { drainRest, pump } from '../../packages/hivetap/dist/stream/pump.js'
import { quantile } from '../figure.mjs'
import { countersOf } from '../ring-buffer/counters.mjs'
import { openFlood } from './flood-source.mjs'
import { Pauses } from './pauses.mjs'
import { kafkaSettings } from './settings.mjs'

const [file = '', producer = '', broker = '', topic = '', dir = ''] = process.argv.slice(2)
const LINGER_MS = 20

const spool = openDiskSpool({
  dir,
  maxBytes: 4 * 2 ** 30,
  segmentBytes: 64 << 20,
  policy: 'drop_oldest',
  fsync: 'never',
  fsyncIntervalMs: 1000,
  readers: ['kafka'],
})
const context = { node: 'bench', note: () => undefined }
const settings = kafkaKind.config.parse(kafkaSettings(broker, topic))
const destination = await kafkaKind.create(settings, context)
/** How long some of the events took from when they happened until they were acknowledged, milliseconds. @type {number[]} */
const latencies = []
const timed = {
  name: destination.name,
  window: destination.window,
  open: destination.open.bind(destination),
  close: destination.close.bind(destination),
  /** @type {typeof destination.deliver} */
  async deliver(batch, signal) {
    const rejections = await destination.deliver(batch, signal)
    const now = performance.timeOrigin + performance.now()
    // Of each batch some: to keep them all would be a good part of the processor time that is measured.
    const { records } = batch
    for (let at = 0; at < records.length; at += 16) latencies.push(now - (records[at]?.timeMs ?? now))
    return rejections
  },
}
const delivery = new Delivery(timed, spool.reader('kafka'), {
  node: 'bench',
  mostBytes: 64 << 20,
  changed: (state, _since, error) => process.stderr.write(`${state} ${error?.message ?? ''}\n`),
})
const flood = openFlood(file, producer)
const recorder = new Recorder([{ tool: tcpconnlat, missing: new Map() }], {
  spool,
  batch: { records: 4096, bytes: 512 << 10 },
  node: 'bench',
  epoch: randomUUID(),
  firstSequence: 0,
  eventsBefore: 0,
})
const stop = new AbortController()
const never = new AbortController()
process.once('SIGINT', () => stop.abort())
const delivering = delivery.run(never.signal)
const pauses = new Pauses(flood.records, spool)
const source = new Lingering(pauses.source, LINGER_MS)
while (delivery.state !== 'up') await new Promise((resolve) => setTimeout(resolve, 10))
process.stdout.write('ready\n')
const before = process.cpuUsage()
pauses.begin()
await pump(source, recorder, stop.signal)
flood.detach()
pauses.end()
await drainRest(source, recorder, never.signal)
while (!delivery.idle) await new Promise((resolve) => setTimeout(resolve, 5))
const used = process.cpuUsage(before)
const counters = countersOf(flood.object)
flood.object.close()
never.abort()
await delivering
await delivery.close()
await spool.close()
process.stdout.write(
  `${JSON.stringify({
    ...counters,
    received: recorder.delivered,
    delivered: delivery.counters.delivered,
    batches: delivery.counters.batches,
    cpuSeconds: (used.user + used.system) / 1e6,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    ...pauses.longest,
  })}\n`,
)
