import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BatchSource } from '../../../../../test/support/kafka/batches.js'
import { type KafkaCluster, startCluster } from '../../../../../test/support/kafka/cluster.js'
import { kafkaDestination } from '../../../../../test/support/kafka/destinations.js'
import { readRecords } from '../../../../../test/support/kafka/read-records.js'
import { untilDelivered } from '../../../../../test/support/kafka/until-delivered.js'

let cluster: KafkaCluster

beforeAll(async () => {
  cluster = await startCluster({ nodes: 3 })
})
afterAll(() => cluster.close())

/** Delivers batches as an agent does, four at once, until it is told to stop; what went wrong meanwhile. */
async function load(topic: string) {
  const config = { brokers: cluster.brokers, topic, request_timeout_ms: 3000, deadline_ms: 8000 }
  const { destination } = await kafkaDestination(config)
  const source = new BatchSource()
  const faults: string[] = []
  let batches = 0
  let stopped = false
  const worker = async () => {
    while (!stopped) {
      await untilDelivered(destination, source.batch(100), faults)
      batches++
      await sleep(20)
    }
  }
  const workers = [1, 2, 3, 4].map(worker)
  return {
    source,
    faults,
    destination,
    get batches() {
      return batches
    },
    async moreBatches(count: number) {
      const until = batches + count
      while (batches < until) await Promise.race([sleep(50), ...workers])
    },
    async stop() {
      stopped = true
      await Promise.all(workers)
      await destination.close()
    },
  }
}

/** Every record that was given is in the topic, as Kafka’s own reader tells; how often, on average. */
async function expectAll(topic: string, source: BatchSource): Promise<number> {
  const records = await readRecords(cluster, topic)
  const ids = records.map(({ value }) => (JSON.parse(value.toString()) as { event_id: string }).event_id)
  const unique = new Set(ids)
  const missing = Array.from({ length: source.sequences }, (_, i) => `${source.epoch}-${i}`).filter(
    (id) => !unique.has(id),
  )
  expect(missing).toEqual([])
  expect(unique.size).toBe(source.sequences)
  return ids.length / unique.size
}

test('leaders that are killed under load, one after the other: nothing is lost', async () => {
  await cluster.createTopic('killed', { partitions: 3 })
  const running = await load('killed')
  await running.moreBatches(40)
  for (const partition of [0, 1]) {
    const leader = (await cluster.leaders('killed'))[partition] ?? -1
    await cluster.kill(leader)
    await running.moreBatches(60)
    await cluster.restart(leader)
    await running.moreBatches(20)
  }
  await running.stop()
  expect(running.faults.length).toBeGreaterThan(0)
  expect(await expectAll('killed', running.source)).toBeLessThan(1.5)
})

test('one node that is frozen under load does not stop the others', async () => {
  await cluster.createTopic('frozen', { partitions: 3 })
  const running = await load('frozen')
  await running.moreBatches(20)
  const leader = (await cluster.leaders('frozen'))[0] ?? -1
  cluster.freeze(leader)
  try {
    await running.moreBatches(60)
  } finally {
    cluster.thaw(leader)
  }
  await running.moreBatches(20)
  await running.stop()
  await expectAll('frozen', running.source)
})

test('two nodes of three killed: nothing is said to be delivered until one is back', async () => {
  await cluster.createTopic('two', { partitions: 1 })
  const running = await load('two')
  await running.moreBatches(20)
  const leader = (await cluster.leaders('two'))[0] ?? -1
  const others = [0, 1, 2].filter((node) => node !== leader)
  await Promise.all(others.map((node) => cluster.kill(node)))
  await sleep(1000)
  const { batches } = running
  await sleep(5000)
  expect(running.batches).toBe(batches)
  expect(running.faults.length).toBeGreaterThan(0)
  await Promise.all(others.map((node) => cluster.restart(node)))
  await running.moreBatches(20)
  await running.stop()
  await expectAll('two', running.source)
})
