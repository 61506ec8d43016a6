import type { DestinationKind } from '../../delivery/destination.js'
import { kafkaConfig } from './config.js'
import { KafkaDestination } from './kafka-destination.js'
import { protobufEncoder } from './protobuf-value.js'

/** The destination of the type `kafka`: events to a topic. What it takes, and what it promises, stands in config.ts. */
export const kafkaKind: DestinationKind<typeof kafkaConfig> = {
  type: 'kafka',
  config: kafkaConfig,
  async create(config, context) {
    const library = await import('@platformatic/kafka')
    if (!library.compressionsAlgorithms[config.compression].available)
      throw new Error(
        `Node.js ${process.versions.node} has no zstd: take Node.js 22.15 or later, or another compression for ${config.name}.`,
      )
    if (config.format === 'json') return new KafkaDestination(library, config, context)
    return new KafkaDestination(library, config, context, protobufEncoder())
  },
}
