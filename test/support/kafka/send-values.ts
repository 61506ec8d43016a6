import { type MessageToProduce, Producer } from '@platformatic/kafka'

/** A record of a test's own: `value` null is none; without a time, it has that of its sending. */
export interface TestRecord {
  readonly partition: number
  readonly value: Buffer | null
  readonly timeMs?: number
  readonly contentType?: string
}

const AT_ONCE = 2000

/** Writes records to a topic, each partition's in their order; lz4, acknowledged by all replicas. */
export async function sendRecords(
  brokers: readonly string[],
  topic: string,
  records: readonly TestRecord[],
): Promise<void> {
  const producer = new Producer({
    clientId: 'test',
    bootstrapBrokers: [...brokers],
    idempotent: false,
    compression: 'lz4',
    retries: 5,
    retryDelay: 500,
  })
  try {
    for (let at = 0; at < records.length; at += AT_ONCE) {
      // One partition at a time: where one fails, the library sends those of the others again with it.
      const byPartition = new Map<number, TestRecord[]>()
      for (const record of records.slice(at, at + AT_ONCE))
        byPartition.set(record.partition, [...(byPartition.get(record.partition) ?? []), record])
      for (const group of byPartition.values()) {
        const messages = group.map(
          (record): MessageToProduce<Buffer, Buffer, Buffer, Buffer> => messageOf(topic, record),
        )
        await producer.send({ acks: -1, messages })
      }
    }
  } finally {
    await producer.close()
  }
}

function messageOf(topic: string, { partition, value, timeMs, contentType }: TestRecord) {
  return {
    topic,
    partition,
    // The library's types know no record without a value; its encoder does.
    value: value as Buffer,
    ...(timeMs !== undefined && { timestamp: BigInt(timeMs) }),
    ...(contentType !== undefined && {
      headers: new Map([[Buffer.from('content-type'), Buffer.from(contentType)]]),
    }),
  }
}
