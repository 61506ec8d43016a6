import { InputError } from '../input-error.js'
import type { Decompress } from './record-batch.js'
import type { GroupLibrary } from './topic-cluster.js'

/**
 * Decompresses as the Kafka client does. It throws what is wrong with the bytes; and an {@link InputError} where no bytes of that
 * kind can be read here.
 */
export function decompressWith(kafka: Pick<GroupLibrary, 'compressionsAlgorithmsByBitmask'>): Decompress {
  return (way, bytes) => {
    const algorithm = kafka.compressionsAlgorithmsByBitmask[way]
    if (algorithm === undefined) throw new RangeError(`It is compressed in an unknown way: ${way}.`)
    if (!algorithm.available)
      throw new InputError(
        `Records are compressed by zstd, which Node ${process.versions.node} cannot read: take Node 22.15 or later.`,
      )
    return algorithm.decompressSync(bytes)
  }
}
