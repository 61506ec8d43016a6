// @ts-check
/**
 * The least that brings the events of flood.bpf.o to a topic: no spool, no account, nothing tried again. Batches are sent one
 * after the other by the client alone; the same lines, acknowledged by all in-sync replicas.
 *
 *   bare.mjs FLOOD.bpf.o PRODUCER_PID BROKER TOPIC
 */
import { compatibilityPartitioner, Producer } from '@platformatic/kafka'
import { tcpconnlat } from '../../packages/hivetap/dist/probes/tcpconnlat/tcpconnlat.js'
import { JsonLines } from '../../packages/hivetap/dist/sinks/json-lines.js'
import { countersOf } from '../ring-buffer/counters.mjs'
import { openFlood } from './flood-source.mjs'

const [file = '', producer = '', broker = '', topic = ''] = process.argv.slice(2)
const BATCH = 4096
const LINGER_MS = 20

const client = new Producer({
  clientId: 'bare',
  bootstrapBrokers: [broker],
  idempotent: false,
  compression: 'lz4',
  partitioner: compatibilityPartitioner,
})
const lines = new JsonLines(tcpconnlat, { missing: new Map() })
const flood = openFlood(file, producer)
await client.metadata({ topics: [topic] })
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.stdout.write('ready\n')
const before = process.cpuUsage()
let received = 0
let partition = 0
const send = async () => {
  /** @type {{ topic: string, partition: number, value: Buffer }[]} */
  const messages = []
  lines.beginBatch()
  flood.records.drain(({ event }) => {
    messages.push({ topic, partition, value: Buffer.from(lines.line(event)) })
  }, BATCH)
  if (messages.length > 0) await client.send({ acks: -1, messages })
  partition = (partition + 1) % 4
  received += messages.length
  return messages.length
}
while (!stop.signal.aborted) {
  if ((await send()) === BATCH) continue
  await flood.records.wait({ signal: stop.signal })
  await new Promise((resolve) => setTimeout(resolve, LINGER_MS))
}
flood.detach()
while ((await send()) > 0);
const used = process.cpuUsage(before)
process.stdout.write(
  `${JSON.stringify({ ...countersOf(flood.object), received, delivered: received, cpuSeconds: (used.user + used.system) / 1e6 })}\n`,
)
flood.object.close()
await client.close()
