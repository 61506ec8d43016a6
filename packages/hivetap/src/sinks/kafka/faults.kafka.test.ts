import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BatchSource } from '../../../../../test/support/kafka/batches.js'
import { type KafkaCluster, startCluster } from '../../../../../test/support/kafka/cluster.js'
import { kafkaDestination, NEVER } from '../../../../../test/support/kafka/destinations.js'
import type { TcpProxy } from '../../../../../test/support/kafka/proxy.js'
import { readRecords } from '../../../../../test/support/kafka/read-records.js'
import { untilDelivered } from '../../../../../test/support/kafka/until-delivered.js'
import type { Destination } from '../../delivery/destination.js'

let cluster: KafkaCluster
let proxy: TcpProxy
let destination: Destination
let topic = ''
let topics = 0

beforeAll(async () => {
  cluster = await startCluster({ proxied: true })
  const [first] = cluster.proxies
  if (first === undefined) throw new Error('There is no proxy.')
  proxy = first
})
beforeEach(async () => {
  topic = `faults-${topics++}`
  await cluster.createTopic(topic, { partitions: 2 })
  destination = (
    await kafkaDestination({ brokers: cluster.brokers, topic, request_timeout_ms: 1500, deadline_ms: 4000 })
  ).destination
})
afterEach(async () => {
  proxy.set({ kind: 'none' })
  await destination.close()
  // Nothing of ours stays connected, whatever happened.
  for (let i = 0; proxy.sockets > 0 && i < 50; i++) await sleep(20)
  expect(proxy.sockets).toBe(0)
})
afterAll(() => cluster.close())

/** Ids of a topic’s records, as Kafka’s own reader tells them. */
async function idsIn(name: string): Promise<string[]> {
  const records = await readRecords(cluster, name)
  return records.map(({ value }) => (JSON.parse(value.toString()) as { event_id: string }).event_id)
}

function idsOf(source: BatchSource): string[] {
  return Array.from({ length: source.sequences }, (_, sequence) => `${source.epoch}-${sequence}`)
}

describe('a way that breaks', () => {
  test('in the middle of requests, and before answers: all arrives, again if need be', async () => {
    const source = new BatchSource()
    const faults: string[] = []
    for (const afterBytes of [1, 60, 3000, 20_000, 40_000]) {
      for (const kind of ['cut', 'cut_answers'] as const) {
        proxy.set({ kind, afterBytes: kind === 'cut' ? afterBytes : Math.ceil(afterBytes / 50) })
        const batch = source.batch(300, { padding: 100 })
        const delivered = untilDelivered(destination, batch, faults)
        await Promise.race([delivered, sleep(1000)])
        proxy.set({ kind: 'none' }, { keepConnections: true })
        await delivered
      }
    }
    expect(faults).toContain('broker_unreachable')
    expect(new Set(await idsIn(topic))).toEqual(new Set(idsOf(source)))
  })

  test.each([
    ['silent', { kind: 'silent' }],
    ['refusing', { kind: 'refuse' }],
    ['answering with zeros', { kind: 'garbage', bytes: new Uint8Array(64) }],
    ['answering in HTTP', { kind: 'garbage', bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }],
    ['announcing 2 GB', { kind: 'garbage', bytes: Buffer.from('7fffffff00000001', 'hex') }],
    [
      'answering to the right number',
      { kind: 'garbage', bytes: Buffer.from('0000000c0000000100000fffffffff7f', 'hex') },
    ],
  ] as const)('a broker that is %s: told in time, and delivered when it is back', async (_, fault) => {
    const source = new BatchSource()
    // Once before it has ever answered, once with a connection that worked.
    for (const keepConnections of [false, true]) {
      proxy.set(fault, { keepConnections: keepConnections && fault.kind !== 'refuse' })
      const batch = source.batch(10)
      const begin = performance.now()
      await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({ name: 'Error', passing: true })
      expect(performance.now() - begin).toBeLessThan(8000)
      proxy.set({ kind: 'none' })
      await untilDelivered(destination, batch)
    }
    expect(new Set(await idsIn(topic))).toEqual(new Set(idsOf(source)))
  })

  test('slow answers are waited for', async () => {
    proxy.set({ kind: 'delay', milliseconds: 300 })
    const source = new BatchSource()
    await Promise.all([source.batch(5), source.batch(5)].map((batch) => destination.deliver(batch, NEVER)))
    expect((await idsIn(topic)).sort()).toEqual(idsOf(source).sort())
  })
})

describe('a broker', () => {
  test('that is frozen: told in time, and delivered when it goes on', async () => {
    const source = new BatchSource()
    await destination.deliver(source.batch(5), NEVER)
    cluster.freeze(0)
    const batch = source.batch(5)
    try {
      await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({ kind: 'broker_unreachable' })
    } finally {
      cluster.thaw(0)
    }
    await untilDelivered(destination, batch)
    expect(new Set(await idsIn(topic))).toEqual(new Set(idsOf(source)))
  })

  test('that is stopped, and comes back', async () => {
    const source = new BatchSource()
    await destination.deliver(source.batch(5), NEVER)
    await cluster.stop(0)
    const batch = source.batch(5)
    await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
      kind: 'broker_unreachable',
      passing: true,
      message: expect.stringContaining(cluster.brokers[0] ?? '?'),
    })
    await Promise.all([untilDelivered(destination, batch), cluster.restart(0)])
    expect(new Set(await idsIn(topic))).toEqual(new Set(idsOf(source)))
  })
})

describe('whoever delivers', () => {
  test('can call it off at any moment', async () => {
    proxy.set({ kind: 'silent' })
    const controller = new AbortController()
    const delivered = destination.deliver(new BatchSource().batch(1), controller.signal)
    setTimeout(() => controller.abort(), 50)
    const begin = performance.now()
    await expect(delivered).rejects.toMatchObject({ kind: 'aborted' })
    expect(performance.now() - begin).toBeLessThan(1000)
    await expect(destination.deliver(new BatchSource().batch(1), controller.signal)).rejects.toMatchObject({
      kind: 'aborted',
    })
  })

  test('can close it while it waits', async () => {
    proxy.set({ kind: 'silent' })
    const delivered = destination.deliver(new BatchSource().batch(1), NEVER)
    setTimeout(() => destination.close(), 50)
    await expect(delivered).rejects.toMatchObject({ kind: 'aborted' })
  })
})
