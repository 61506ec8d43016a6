import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertContext, alertOf, episode } from '../../../../../../test/support/alerts.js'
import { type KafkaCluster, startCluster } from '../../../../../../test/support/kafka/cluster.js'
import { readRecords } from '../../../../../../test/support/kafka/read-records.js'
import { AlertRelay } from '../../../delivery/alerts/alert-relay.js'
import { kafkaAlertsKind } from './kafka-alerts.js'

let cluster: KafkaCluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.close())

const relayTo = async (config: Readonly<Record<string, unknown>>) => {
  const parsed = kafkaAlertsKind.config.parse({ type: 'kafka', brokers: cluster.brokers, ...config })
  const said: string[] = []
  const relay = new AlertRelay([await kafkaAlertsKind.create(parsed, alertContext())], {
    changed: (_, up, error) => said.push(up ? 'up' : `down: ${error?.kind}`),
    lost: (_, reason, count) => said.push(`lost ${count} ${reason}`),
  })
  return { relay, said }
}

test('an alert stands in one partition from open to resolved, keyed by its id, and says what it is', async () => {
  await cluster.createTopic('alerts', { partitions: 4 })
  const { relay } = await relayTo({ topic: 'alerts' })
  const ids = Array.from({ length: 20 }, (_, index) => `alert-${index}`)
  for (const state of [0, 1, 2]) await relay.tell(ids.flatMap((id) => episode(id)[state] ?? []))
  await relay.close(10_000)
  const records = await readRecords(cluster, 'alerts')
  expect(records).toHaveLength(60)
  expect(new Set(records.map(({ partition }) => partition)).size).toBeGreaterThan(1)
  for (const id of ids) {
    const own = records.filter(({ key }) => key?.toString() === id)
    expect(new Set(own.map(({ partition }) => partition)).size).toBe(1)
    expect(own.map(({ value }) => JSON.parse(value.toString()) as unknown)).toEqual(episode(id))
    expect(own[0]?.headers.get('content-type')).toBe('application/json')
  }
})

test('an alert that is too large is counted, the others arrive; a topic that is not there is waited for', async () => {
  const { relay, said } = await relayTo({ topic: 'later', max_message_bytes: 2048 })
  const large = alertOf({ alert_id: 'large', rule: 'x'.repeat(3000) })
  const telling = relay.tell([alertOf(), large, alertOf({ state: 'resolved' })])
  await expect.poll(() => said, { timeout: 30_000 }).toContain('down: topic_missing')
  await cluster.createTopic('later', { partitions: 1 })
  await telling
  expect(said).toEqual(['down: topic_missing', 'lost 1 refused', 'up'])
  await relay.close(10_000)
  expect(await readRecords(cluster, 'later')).toHaveLength(2)
})
