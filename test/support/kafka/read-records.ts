import type { KafkaCluster } from './cluster.js'
import { runJava } from './java.js'

/** A record as it lies in a topic. */
export interface ReadRecord {
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970, as the broker keeps it. */
  readonly timestamp: number
  readonly key: Buffer | undefined
  readonly headers: ReadonlyMap<string, string>
  readonly value: Buffer
}

const BYTES = 'org.apache.kafka.common.serialization.BytesDeserializer'
const SEPARATOR = '\t'
const BETWEEN_HEADERS = '|#|'

/** The number of records that a topic has taken in each partition, by Kafka's own tool. */
export async function endOffsets(cluster: KafkaCluster, topic: string): Promise<number[]> {
  const servers = cluster.internalBrokers.join(',')
  const output = await runJava('org.apache.kafka.tools.GetOffsetShell', [
    ...['--bootstrap-server', servers, '--topic', topic],
  ])
  const lines = output.split('\n').filter((line) => line.startsWith(`${topic}:`))
  return lines.map((line) => Number(line.split(':')[2]))
}

/** All records of a topic, read by Kafka's own consumer: a reader that shares nothing with what wrote them. */
export async function readRecords(cluster: KafkaCluster, topic: string): Promise<ReadRecord[]> {
  const count = (await endOffsets(cluster, topic)).reduce((sum, end) => sum + end, 0)
  if (count === 0) return []
  const properties = {
    'print.partition': 'true',
    'print.offset': 'true',
    'print.timestamp': 'true',
    'print.headers': 'true',
    'print.key': 'true',
    'key.separator': SEPARATOR,
    'headers.separator': BETWEEN_HEADERS,
    'key.deserializer': BYTES,
    'value.deserializer': BYTES,
  }
  const output = await runJava('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', cluster.internalBrokers.join(','), '--topic', topic, '--from-beginning'],
    ...['--max-messages', String(count), '--timeout-ms', '30000'],
    ...Object.entries(properties).flatMap(([key, value]) => ['--formatter-property', `${key}=${value}`]),
  ])
  return output.split('\n').filter(Boolean).map(parseRecord)
}

function parseRecord(line: string): ReadRecord {
  const [time = '', partition = '', offset = '', headers = '', key = '', value = ''] = line.split(SEPARATOR)
  return {
    timestamp: Number(time.replace(/^.*:/, '')),
    partition: Number(partition.replace('Partition:', '')),
    offset: Number(offset.replace('Offset:', '')),
    headers: new Map(
      headers === 'NO_HEADERS'
        ? []
        : headers.split(BETWEEN_HEADERS).map((header): [string, string] => {
            const colon = header.indexOf(':')
            return [header.slice(0, colon), header.slice(colon + 1)]
          }),
    ),
    key: key === 'null' ? undefined : unescapeBytes(key),
    value: unescapeBytes(value),
  }
}

/** Kafka's `Bytes` writes printable characters as they are, and all others as `\xHH`, so that a tab is a separator. */
function unescapeBytes(text: string): Buffer {
  return Buffer.from(
    text.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}
