// @ts-check
/**
 * Reads the events of flood.bpf.o through @hivetap/bpf, each decoded by tcpconnlat's own decoder.
 *
 *   consumer.mjs FLOOD.bpf.o PRODUCER_PID     tells what it read and the processor time that it took, as JSON, when told to end
 */
import { readFileSync } from 'node:fs'
import { loadObject, readObject } from '../../packages/bpf/dist/index.js'
import { connectEvent } from '../../packages/hivetap/dist/probes/tcpconnlat/tcpconnlat.bpf.js'
import { countersOf } from './counters.mjs'

const [file = '', producer = ''] = process.argv.slice(2)
const object = loadObject(readObject(readFileSync(file)), { constants: { producer: Number(producer) } })
const events = object.records('events', connectEvent)
object.program('on_call').attach()
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
let received = 0
let checksum = 0
process.stdout.write('ready\n')
const before = process.cpuUsage()
for await (const batch of events.batches({ signal: stop.signal })) {
  for (const event of batch) {
    // Something of every event is used, so that nothing of the work can be left out.
    checksum +=
      event.latencyUs +
      event.destinationAddress.charCodeAt(0) +
      event.comm.charCodeAt(0) +
      event.outcome.length
  }
  received += batch.length
}
const used = process.cpuUsage(before)
process.stdout.write(
  `${JSON.stringify({
    received,
    ...countersOf(object),
    userSeconds: used.user / 1e6,
    systemSeconds: used.system / 1e6,
    checksum,
  })}\n`,
)
object.close()
