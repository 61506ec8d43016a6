import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HEADER_BYTES, LENGTH_END } from '../../../packages/hivetap/src/sinks/kafka/batch-layout.js'
import type { KafkaCluster } from './cluster.js'

/** Flips a byte within the records of a batch on the first node's disk, as a disk that fails does; the node is started anew. */
export async function spoilBatch(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  which: number,
): Promise<void> {
  await cluster.stop(0)
  const log = join(cluster.directory, '0', 'data', `${topic}-${partition}`, '00000000000000000000.log')
  const bytes = readFileSync(log)
  let at = 0
  for (let passed = 0; passed < which; passed++) at += LENGTH_END + bytes.readInt32BE(at + LENGTH_END - 4)
  const within = at + HEADER_BYTES + 100
  bytes.writeUInt8(bytes.readUInt8(within) ^ 0xff, within)
  writeFileSync(log, bytes)
  await cluster.restart(0)
}
