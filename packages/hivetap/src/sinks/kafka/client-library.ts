/**
 * What is used of the Kafka client. The client as a whole is three hundred modules (consumers, groups, registries of schemas):
 * an agent that loads them all has forty megabytes more, and the bundle holds what stands here alone.
 */
export {
  AuthenticationError,
  apiVersionsV3,
  Connection,
  compressionsAlgorithms,
  createTopicsV7,
  describeConfigsV2,
  describeConfigsV3,
  describeConfigsV4,
  metadataV9,
  metadataV10,
  metadataV11,
  metadataV12,
  murmur2,
  ProduceAcks,
  ProtocolError,
  produceV7,
  produceV8,
  produceV9,
  produceV10,
  produceV11,
  ResponseError,
  saslOAuthBearer,
  saslPlain,
  saslScramSha,
  Writer,
} from '@platformatic/kafka'
