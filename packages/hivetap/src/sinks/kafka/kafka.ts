import type { DestinationContext, DestinationKind } from '../../delivery/destination.js'
import { kafkaConfig } from './config.js'
import { KafkaDestination, type KafkaSettings } from './kafka-destination.js'
import { protobufEncoder } from './protobuf-value.js'
import { eventShape, type RecordShape } from './record-shape.js'

/** The destination of the type `kafka`: events to a topic. What it takes, and what it promises, stands in config.ts. */
export const kafkaKind: DestinationKind<typeof kafkaConfig> = {
  type: 'kafka',
  config: kafkaConfig,
  async create(config, context) {
    const encode = config.format === 'json' ? undefined : protobufEncoder()
    return openKafka(config, context, eventShape(config, context, encode))
  },
}

/**
 * Loads the library, and makes a destination of records of any shape.
 *
 * @throws {Error} if this Node.js lacks the compression
 */
export async function openKafka(
  config: KafkaSettings,
  context: DestinationContext,
  shape: RecordShape,
): Promise<KafkaDestination> {
  const library = await import('./client-library.js')
  if (!library.compressionsAlgorithms[config.compression].available)
    throw new Error(
      `Node.js ${process.versions.node} has no zstd: take Node.js 22.15 or later, or another compression for ${config.name}.`,
    )
  return new KafkaDestination(library, config, context, shape)
}
