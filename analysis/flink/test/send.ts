import { Producer } from '@platformatic/kafka'
import type { KafkaCluster } from '../../../test/support/kafka/cluster.js'
import type { FleetRecord } from './fleet.js'

const BATCH = 500

/** Writes records to a topic, each to its partition and with its time, in their order. */
export async function sendRecords(
  kafka: KafkaCluster,
  topic: string,
  records: readonly FleetRecord[],
): Promise<void> {
  const producer = new Producer({
    clientId: 'hivetap-test',
    bootstrapBrokers: kafka.brokers,
    idempotent: false,
    retries: 3,
    autocreateTopics: false,
  })
  try {
    for (let at = 0; at < records.length; at += BATCH) {
      const messages = records.slice(at, at + BATCH).map(({ partition, timestamp, value }) => ({
        topic,
        partition,
        timestamp: BigInt(timestamp),
        value: Buffer.from(value),
      }))
      await producer.send({ acks: -1, messages })
    }
  } finally {
    await producer.close()
  }
}
