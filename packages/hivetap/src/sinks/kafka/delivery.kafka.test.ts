import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import protobuf from 'protobufjs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BatchSource } from '../../../../../test/support/kafka/batches.js'
import { type KafkaCluster, startCluster } from '../../../../../test/support/kafka/cluster.js'
import { kafkaDestination, NEVER } from '../../../../../test/support/kafka/destinations.js'
import { readRecords } from '../../../../../test/support/kafka/read-records.js'
import { untilDelivered } from '../../../../../test/support/kafka/until-delivered.js'
import type { Destination } from '../../delivery/destination.js'
import type { SpoolBatch } from '../../spool/spool.js'

let cluster: KafkaCluster
let opened: Destination[] = []

beforeAll(async () => {
  cluster = await startCluster()
})
afterEach(async () => {
  await Promise.all(opened.map((destination) => destination.close()))
  opened = []
})
afterAll(() => cluster.close())

async function open(config: Readonly<Record<string, unknown>>) {
  const made = await kafkaDestination({ brokers: cluster.brokers, ...config })
  opened.push(made.destination)
  return made
}

describe('what arrives', () => {
  test('is what was given: in order, its bytes, its time, its headers; each batch in one partition', async () => {
    await cluster.createTopic('plain', { partitions: 3 })
    const { destination } = await open({ topic: 'plain' })
    await destination.open(NEVER)
    const source = new BatchSource()
    const batches = [source.batch(200), source.batch(1), source.batch(50)]
    for (const batch of batches) expect(await destination.deliver(batch, NEVER)).toEqual([])

    const records = await readRecords(cluster, 'plain')
    expect(records).toHaveLength(251)
    const partitions = new Set<number>()
    for (const { records: sent } of batches) {
      const partition =
        records.find(({ value }) => value.equals(sent[0]?.value ?? Buffer.of()))?.partition ?? -1
      partitions.add(partition)
      const found = records.filter((record) => record.partition === partition)
      expect(found.map(({ value }) => value.toString())).toEqual(
        sent.map(({ value }) => Buffer.from(value).toString()),
      )
      expect(found.map(({ timestamp }) => timestamp)).toEqual(sent.map(({ timeMs }) => timeMs))
    }
    expect(partitions).toEqual(new Set([0, 1, 2]))
    expect(records[0]?.key).toBeUndefined()
    expect(records[0]?.headers).toEqual(
      new Map([
        ['content-type', 'application/json'],
        ['hivetap-version', '1'],
      ]),
    )
  })

  test('follows its key as Java’s clients would have it, and has the headers of CloudEvents', async () => {
    await cluster.createTopic('keyed', { partitions: 5 })
    const { destination } = await open({ topic: 'keyed', key: 'destination', cloud_events: true })
    await destination.deliver(new BatchSource().batch(64), NEVER)
    const records = await readRecords(cluster, 'keyed')
    expect(records).toHaveLength(64)
    // Partitions of these keys among five, by Utils.toPositive(Utils.murmur2(key)) % 5 of kafka-clients 4.3.1.
    const places = Object.fromEntries(records.map(({ key, partition }) => [key?.toString(), partition]))
    expect(places).toEqual(JAVA_PARTITIONS)
    const [first] = records
    const event = JSON.parse(first?.value.toString() ?? '') as Record<string, string>
    expect(Object.fromEntries(first?.headers ?? [])).toEqual({
      'content-type': 'application/json',
      'hivetap-version': '1',
      ce_specversion: '1.0',
      ce_source: '/hivetap/node-1',
      ce_type: 'hivetap.tcpconnlat.v1',
      ce_id: event['event_id'],
      ce_time: event['time'],
    })
  })

  test.each(['none', 'gzip', 'snappy', 'lz4'])(
    'is readable by Kafka, compressed by %s',
    async (compression) => {
      const topic = `compressed-${compression}`
      await cluster.createTopic(topic)
      const { destination } = await open({ topic, compression })
      const batch = new BatchSource().batch(3000, { padding: 100 })
      await destination.deliver(batch, NEVER)
      const records = await readRecords(cluster, topic)
      expect(records.map(({ value }) => value.toString())).toEqual(
        batch.records.map(({ value }) => Buffer.from(value).toString()),
      )
    },
  )

  test('is Protobuf where that is asked for, readable by what is published', async () => {
    await cluster.createTopic('protobuf')
    const { destination } = await open({ topic: 'protobuf', format: 'protobuf' })
    const batch = new BatchSource().batch(20)
    await destination.deliver(batch, NEVER)
    const proto = readFileSync(
      new URL('../../../../../proto/hivetap/v1/event.proto', import.meta.url),
      'utf8',
    )
    const event = protobuf.parse(proto, { keepCase: true }).root.lookupType('hivetap.v1.Event')
    const records = await readRecords(cluster, 'protobuf')
    expect(records.map(({ value }) => event.toObject(event.decode(value))['event_id'])).toEqual(
      batch.records.map((_, index) => `${batch.epoch}-${index}`),
    )
    expect(event.toObject(event.decode(records[7]?.value ?? Buffer.of()), { longs: Number })).toMatchObject({
      tool: 'tcpconnlat',
      tcpconnlat: { pid: 107, comm: 'cürl-7', destination_address: '10.0.0.7', destination_port: 443 },
    })
    expect(records[0]?.headers.get('content-type')).toBe('application/protobuf')
  })

  test('goes to a topic for each tool', async () => {
    await cluster.createTopic('of-execsnoop')
    await cluster.createTopic('of-agent')
    const { destination } = await open({ topic: 'of-{tool}' })
    await destination.open(NEVER)
    const source = new BatchSource()
    const [a, b] = [source.batch(2, { tool: 'execsnoop' }), source.batch(3, { tool: '' })]
    await destination.deliver({ ...a, records: [...a.records, ...b.records] }, NEVER)
    expect(await readRecords(cluster, 'of-execsnoop')).toHaveLength(2)
    expect(await readRecords(cluster, 'of-agent')).toHaveLength(3)
  })
})

describe('what brokers do not take', () => {
  test('records that are too large are named, and all others arrive', async () => {
    await cluster.createTopic('small', { configs: { 'max.message.bytes': '20000' } })
    const { destination } = await open({ topic: 'small', compression: 'none' })
    const padding = (index: number) => ([3, 40].includes(index) ? 30_000 : index === 41 ? 2_000_000 : 700)
    const batch = new BatchSource().batch(64, { padding })
    expect(await destination.deliver(batch, NEVER)).toEqual(
      [3, 40, 41].map((index) => ({ index, reason: 'too_large' })),
    )
    const records = await readRecords(cluster, 'small')
    expect(records.map(({ value }) => value.toString())).toEqual(
      batch.records
        .filter((_, index) => ![3, 40, 41].includes(index))
        .map(({ value }) => Buffer.from(value).toString()),
    )
  })

  test('times of a clock that is two hours ahead: moved to the brokers’ time', async () => {
    await cluster.createTopic('ahead')
    const { destination, notes } = await open({ topic: 'ahead' })
    const now = Date.now
    const real = now()
    // This process's clock alone can be wrong: the broker keeps the true one.
    Date.now = () => now() + 7_200_000
    try {
      await destination.deliver(new BatchSource().batch(10, { timeMs: Date.now() - 5 }), NEVER)
      await destination.deliver(new BatchSource().batch(1, { timeMs: real - 9_000_000 }), NEVER)
    } finally {
      Date.now = now
    }
    const times = (await readRecords(cluster, 'ahead')).map(({ timestamp }) => timestamp)
    expect(times).toHaveLength(11)
    for (const time of times.slice(0, 10)) expect(Math.abs(time - real)).toBeLessThan(60_000)
    expect(times[10]).toBe(real - 9_000_000)
    expect(notes).toEqual([expect.stringContaining('7200 s ahead')])
  })

  test('a topic that is not there is said, and used once it is', async () => {
    const { destination } = await open({ topic: 'later' })
    await expect(destination.open(NEVER)).rejects.toMatchObject({ kind: 'topic_missing', passing: false })
    const batch = new BatchSource().batch(5)
    await expect(destination.deliver(batch, NEVER)).rejects.toMatchObject({
      kind: 'topic_missing',
      message: expect.stringContaining('hivetap kafka init'),
    })
    await cluster.createTopic('later')
    await destination.deliver(batch, NEVER)
    expect(await readRecords(cluster, 'later')).toHaveLength(5)
  })

  test('a topic that is made anew with fewer partitions', async () => {
    await cluster.createTopic('anew', { partitions: 6 })
    const { destination } = await open({ topic: 'anew' })
    const source = new BatchSource()
    for (let i = 0; i < 6; i++) await destination.deliver(source.batch(2), NEVER)
    await cluster.deleteTopic('anew')
    await cluster.createTopic('anew', { partitions: 2 })
    const later = Array.from({ length: 6 }, () => source.batch(2))
    for (const batch of later) await untilDelivered(destination, batch)
    const ids = (await readRecords(cluster, 'anew')).map(({ value }) => value.toString())
    for (const { records } of later)
      for (const { value } of records) expect(ids).toContain(Buffer.from(value).toString())
  })

  test.each(['none', 'destination'])(
    'a topic that is made anew with fewer partitions under load, with key %s',
    async (key) => {
      const topic = `anew-${key}`
      await cluster.createTopic(topic, { partitions: 6 })
      const { destination } = await open({ topic, key })
      const source = new BatchSource()
      const faults: string[] = []
      /** Batches that were given after the topic was there anew: what was given before may be gone with the old one. */
      const later: SpoolBatch[] = []
      let [isThere, isOver] = [false, false]
      const worker = async () => {
        while (!isOver) {
          const batch = source.batch(20)
          if (isThere) later.push(batch)
          await untilDelivered(destination, batch, faults)
        }
      }
      const workers = [1, 2, 3, 4].map(worker)
      await sleep(1000)
      await cluster.deleteTopic(topic)
      await sleep(1000)
      await cluster.createTopic(topic, { partitions: 2 })
      isThere = true
      while (later.length < 40) await Promise.race([sleep(50), ...workers])
      isOver = true
      await Promise.all(workers)
      expect(new Set(faults)).toEqual(new Set(['topic_missing']))
      const records = await readRecords(cluster, topic)
      const values = new Set(records.map(({ value }) => value.toString()))
      const missing = later.flatMap((batch) =>
        batch.records.filter(({ value }) => !values.has(Buffer.from(value).toString())),
      )
      expect(missing).toEqual([])
      expect(new Set(records.map(({ partition }) => partition))).toEqual(new Set([0, 1]))
    },
  )
})

const JAVA_PARTITIONS = {
  '10.0.0.0:443': 4,
  '10.0.0.1:443': 1,
  '10.0.0.2:443': 4,
  '10.0.0.3:443': 3,
  '10.0.0.4:443': 4,
  '10.0.0.5:443': 1,
  '10.0.0.6:443': 2,
  '10.0.0.7:443': 4,
}
