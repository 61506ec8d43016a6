import { existsSync } from 'node:fs'
import { Producer } from '@platformatic/kafka'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KafkaCluster, startCluster } from '../../../../../test/support/kafka/cluster.js'
import { endOffsets, readRecords } from '../../../../../test/support/kafka/read-records.js'

let cluster: KafkaCluster

beforeAll(async () => {
  cluster = await startCluster({ proxied: true })
})

afterAll(async () => {
  await cluster.close()
  expect(existsSync(cluster.directory)).toBe(false)
})

test('a broker starts, takes records through its proxy, and Kafka’s own reader tells them byte by byte', async () => {
  await cluster.createTopic('rig', { partitions: 2 })
  const producer = new Producer({ clientId: 'rig', bootstrapBrokers: cluster.brokers })
  const value = Buffer.from([0, 9, 10, 13, 92, 34, 127, 128, 255, 65])
  const message = { topic: 'rig', partition: 1, key: Buffer.from('k\té'), value, timestamp: 1234n }
  const headers = new Map([[Buffer.from('a'), Buffer.from('x:y,z')]])
  await producer.send({
    acks: -1,
    messages: [message, { topic: 'rig', partition: 0, value, headers, timestamp: 5n }],
  })
  await producer.close()

  expect(await endOffsets(cluster, 'rig')).toEqual([1, 1])
  const records = await readRecords(cluster, 'rig')
  expect(records.find(({ partition }) => partition === 1)).toEqual({
    partition: 1,
    offset: 0,
    timestamp: 1234,
    key: Buffer.from('k\té'),
    headers: new Map(),
    value,
  })
  expect(records.find(({ partition }) => partition === 0)).toMatchObject({
    key: undefined,
    headers: new Map([['a', 'x:y,z']]),
    timestamp: 5,
  })
})
