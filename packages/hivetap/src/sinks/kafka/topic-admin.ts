import type { BrokerConnection, KafkaLibrary } from './broker-connection.js'
import { ClusterClient } from './cluster-client.js'
import type { BrokersConfig } from './config.js'

/** How a topic is, or is to be. */
export interface TopicShape {
  readonly partitions: number
  readonly replication: number
  /** Values by Kafka's names of them. */
  readonly configs: ReadonlyMap<string, string>
}

/** What a cluster has. */
export interface ClusterShape {
  readonly brokers: number
  /** The topic that was asked for; `undefined` where it is not there. */
  readonly topic: TopicShape | undefined
}

/** `UNKNOWN_TOPIC_OR_PARTITION` */
const UNKNOWN_TOPIC = 3
/** A resource of this kind is a topic. */
const TOPIC_RESOURCE = 2 as const
/** What is told of a topic's configuration. */
const CONFIGS = ['cleanup.policy', 'min.insync.replicas', 'retention.ms']
const CREATE_TIMEOUT_MS = 20_000

/** Looks at topics and makes them: for whoever sets a cluster up. It never changes one that is there. */
export class TopicAdmin {
  readonly #kafka: KafkaLibrary
  readonly #client: ClusterClient

  constructor(kafka: KafkaLibrary, config: BrokersConfig) {
    this.#kafka = kafka
    this.#client = new ClusterClient(kafka, config)
  }

  /** Throws {@link DeliveryError}. */
  describe(topic: string): Promise<ClusterShape> {
    return this.#client.onAnyBroker(topic, async (connection) => {
      const { brokers, topics } = await connection.metadata([topic])
      const found = topics.find(({ name }) => name === topic)
      if (found === undefined || found.errorCode === UNKNOWN_TOPIC)
        return { brokers: brokers.length, topic: undefined }
      if (found.errorCode !== 0) throw new this.#kafka.ProtocolError(found.errorCode)
      const shape = {
        partitions: found.partitions.length,
        replication: Math.min(...found.partitions.map(({ replicaNodes }) => replicaNodes.length)),
        configs: await this.#configs(connection, topic),
      }
      return { brokers: brokers.length, topic: shape }
    })
  }

  /**
   * Makes a topic; or, to `validateOnly`, asks whether it could be made.
   *
   * @throws {DeliveryError} also where one of that name is there
   */
  create(topic: string, shape: TopicShape, validateOnly: boolean): Promise<void> {
    return this.#client.onAnyBroker(topic, async (connection) => {
      const request = {
        name: topic,
        numPartitions: shape.partitions,
        replicationFactor: shape.replication,
        assignments: [],
        configs: [...shape.configs].map(([name, value]) => ({ name, value })),
      }
      const answer = await connection.call('CreateTopics', [this.#kafka.createTopicsV7], (api, to) =>
        api.async(to, [request], CREATE_TIMEOUT_MS, validateOnly),
      )
      const made = answer.topics.find(({ name }) => name === topic)
      if (made === undefined) throw new RangeError('The answer is about another topic.')
      if (made.errorCode !== 0) throw new this.#kafka.ProtocolError(made.errorCode, made.errorMessage)
    })
  }

  close(): void {
    this.#client.close()
  }

  async #configs(connection: BrokerConnection, topic: string): Promise<ReadonlyMap<string, string>> {
    const { describeConfigsV2, describeConfigsV3, describeConfigsV4 } = this.#kafka
    const known = [describeConfigsV4, describeConfigsV3, describeConfigsV2]
    const resource = {
      resourceType: TOPIC_RESOURCE,
      resourceName: topic,
      configurationKeys: [...CONFIGS],
    }
    const { results } = await connection.call('DescribeConfigs', known, (api, to) =>
      api.async(to, [resource], false, false),
    )
    const [result] = results
    if (result === undefined) throw new RangeError('The answer is about no topic.')
    if (result.errorCode !== 0) throw new this.#kafka.ProtocolError(result.errorCode, result.errorMessage)
    return new Map(result.configs.map(({ name, value }) => [name, value ?? '']))
  }
}
