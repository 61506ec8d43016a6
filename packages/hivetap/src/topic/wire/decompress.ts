import { InputError } from '../input-error.js'
import { Lz4Frames } from './lz4-frames.js'
import { type Decompress, MOST_BYTES } from './record-batch.js'
import type { GroupLibrary } from './topic-cluster.js'

/** The protocol's number of LZ4. */
const LZ4 = 3

/**
 * Decompresses as the Kafka client does; LZ4, which most writers take, at less cost. It throws what is wrong with the bytes; and an
 * {@link InputError} where no bytes of that kind can be read here.
 */
export function decompressWith(kafka: Pick<GroupLibrary, 'compressionsAlgorithmsByBitmask'>): Decompress {
  const frames = new Lz4Frames(MOST_BYTES)
  return (way, bytes) => {
    const expanded = way === LZ4 ? frames.expand(bytes) : undefined
    if (expanded !== undefined) return expanded
    const algorithm = kafka.compressionsAlgorithmsByBitmask[way]
    if (algorithm === undefined) throw new RangeError(`It is compressed in an unknown way: ${way}.`)
    if (!algorithm.available)
      throw new InputError(
        `Records are compressed by zstd, which Node ${process.versions.node} cannot read: take Node 22.15 or later.`,
      )
    return algorithm.decompressSync(bytes)
  }
}
