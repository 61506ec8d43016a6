// @ts-check
/**
 * What a node would send if it told, each minute, a sketch of each source and destination in place of each connect. No agent does:
 * this measures whether one should.
 */
import { SketchPool } from '../../../packages/hivetap/dist/detect/sketch/sketch-pool.js'
import { bytesOf, deliver } from './bytes.mjs'
import { fleetEvents } from './fleet-events.mjs'

const MINUTES = 10
const DESTINATIONS = 300
/** What an agent sends in a second goes together. */
const RATES = [10, 100]

/**
 * @param {import('../../../test/support/kafka/cluster.js').KafkaCluster} kafka
 * @param {(line: string) => void} say
 */
export async function measureSketches(kafka, say) {
  for (const perNode of RATES) {
    const shape = {
      nodes: 1,
      perNode,
      destinations: DESTINATIONS,
      startMs: Date.now() - 3_600_000,
      named: true,
    }
    const events = [...fleetEvents(shape, perNode * 60 * MINUTES)]
    const sketches = minutesOf(events)
    const sent = async (
      /** @type {string} */ what,
      /** @type {readonly Line[]} */ lines,
      /** @type {number} */ size,
    ) => {
      const topic = `sketches.${what}.${perNode}`
      await kafka.createTopic(topic)
      await deliver(kafka, topic, 'json', 'lz4', size, lines)
      return bytesOf(kafka.directory, topic) / MINUTES
    }
    const asEvents = await sent('events', events, perNode)
    const asSketches = await sent('minutes', sketches, 1000)
    say(
      `${perNode} connects a second, a minute of them: ${perNode * 60} events, ${(asEvents / 1000).toFixed(0)} kB on the broker; ` +
        `${(sketches.length / MINUTES).toFixed(0)} sketches, ${(asSketches / 1000).toFixed(0)} kB: ` +
        `${((asSketches / asEvents) * 100).toFixed(0)} %`,
    )
  }
}

/** @typedef {{ sequence: number, timeMs: number, line: string }} Line */

/**
 * A record for each source and destination of each minute: how many connects ended how, and a sketch of their latencies.
 *
 * @param {readonly Line[]} events
 * @returns {Line[]}
 */
function minutesOf(events) {
  const pool = new SketchPool({})
  /** @type {Map<string, { fields: Record<string, unknown>, outcomes: Record<string, number>, sketch: number, timeMs: number }>} */
  const minutes = new Map()
  for (const { timeMs, line } of events) {
    const event = JSON.parse(line)
    const minute = Math.floor(timeMs / 60_000) * 60_000
    const key = `${minute} ${event.k8s_workload} ${event.destination_service}`
    let one = minutes.get(key)
    if (one === undefined) {
      const {
        version,
        host,
        k8s_namespace,
        k8s_workload,
        destination_service,
        destination_service_namespace,
      } = event
      const fields = { version, time: new Date(minute).toISOString(), host, k8s_namespace, k8s_workload }
      one = {
        fields: { ...fields, destination_service, destination_service_namespace },
        outcomes: {},
        sketch: pool.create(),
        timeMs: minute,
      }
      minutes.set(key, one)
    }
    one.outcomes[event.outcome] = (one.outcomes[event.outcome] ?? 0) + 1
    if (event.outcome === 'connected') pool.add(one.sketch, event.latency_us, 1)
  }
  return [...minutes.values()].map(({ fields, outcomes, sketch, timeMs }, sequence) => {
    const latencies = Buffer.from(pool.encode(sketch)).toString('base64')
    return { sequence, timeMs, line: JSON.stringify({ ...fields, outcomes, latencies }) }
  })
}
