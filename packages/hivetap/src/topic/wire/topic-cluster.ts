import { DeliveryError } from '../../delivery/destination.js'
import type { BrokerConnection } from '../../sinks/kafka/broker-connection.js'
import { ClusterClient } from '../../sinks/kafka/cluster-client.js'
import type { BrokerAddress, BrokersConfig } from '../../sinks/kafka/config.js'
import { faultOf } from '../../sinks/kafka/faults.js'
import { addressText } from '../../sinks/kafka/known-brokers.js'
import { InputError } from '../input-error.js'
import { ANSWER } from './answers.js'
import { type Fetched, readFetchResponse } from './fetch-response.js'

/** The library, which is loaded when the first topic is read. */
export type GroupLibrary = typeof import('./group-library.js')

const FETCH = 1
const FETCH_VERSIONS = [17, 16, 15, 14, 13, 12] as const
/** Bytes of one partition that are asked for at once, and of all that one broker leads. */
const PARTITION_BYTES = 1024 * 1024
const FETCH_BYTES = 8 * 1024 * 1024
/** For so long a broker may take to answer a fetch, at least: Kafka's own consumers wait as long. */
const FETCH_TIMEOUT_MS = 30_000
/** For so long a broker holds a fetch back while it has nothing. */
const MOST_WAIT_MS = 500

/** What is read next of a partition. */
export interface FetchFrom {
  readonly partition: number
  readonly offset: number
}

/** A topic, and where its partitions are led: what a reader asks of it. Each request is one try. */
export class TopicCluster {
  readonly topic: string
  readonly #kafka: GroupLibrary
  readonly #client: ClusterClient
  /** On connections of its own: a slow answer to a fetch is waited for, that of who leads is asked of another. */
  readonly #reads: ClusterClient
  readonly #fetches: readonly ReturnType<typeof fetchApi>[]

  constructor(kafka: GroupLibrary, config: BrokersConfig, topic: string) {
    this.#kafka = kafka
    this.topic = topic
    this.#client = new ClusterClient(kafka, config)
    const timeoutMs = Math.max(config.request_timeout_ms, FETCH_TIMEOUT_MS)
    this.#reads = new ClusterClient(kafka, { ...config, request_timeout_ms: timeoutMs })
    this.#fetches = FETCH_VERSIONS.map((version) => fetchApi(kafka, version))
  }

  /** Which topic it is, and its leaders by partition; as known, which may be a minute old. @throws {DeliveryError} */
  known(): ReturnType<ClusterClient['topic']> {
    return this.#client.topic(this.topic)
  }

  /** What is known turned out to be wrong: it is asked for anew. */
  forget(): void {
    this.#client.forget(this.topic)
  }

  /** What is known may be wrong: it is asked for anew, and used until there is an answer. */
  doubt(): void {
    this.#client.refresh(this.topic)
  }

  /**
   * Reads on from a broker that leads these partitions: what is wrong with one of them stands in the answer.
   *
   * @throws {DeliveryError}
   */
  async fetch(
    leader: BrokerAddress,
    id: string | undefined,
    partitions: readonly FetchFrom[],
  ): Promise<Fetched> {
    const asked = partitions.map(({ partition, offset }) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: PARTITION_BYTES,
    }))
    return this.#reads.onBroker(leader, this.topic, (connection) =>
      connection.call('Fetch', this.#fetches, ({ async: send, version }, to) => {
        const topic = version < 13 ? this.topic : (id ?? '')
        const topics = [{ topicId: topic, partitions: asked }]
        return send(to, MOST_WAIT_MS, 1, FETCH_BYTES, 0, 0, -1, topics, [], '')
      }),
    )
  }

  /**
   * Where partitions begin or end.
   *
   * @returns offsets by partition
   * @throws {DeliveryError}
   */
  async offsets(partitions: readonly number[], which: bigint): Promise<ReadonlyMap<number, number>> {
    const { leaders } = await this.known()
    const found = new Map<number, number>()
    await Promise.all(
      [...byLeader(partitions, leaders)].map(async ([leader, led]) => {
        if (leader === undefined) throw this.fault(ANSWER.LEADER_NOT_AVAILABLE)
        const answer = await this.#client.onBroker(leader, this.topic, (connection) =>
          this.#listOffsets(connection, led, which),
        )
        for (const { partitionIndex, offset, errorCode } of answer.topics.flatMap((one) => one.partitions)) {
          if (errorCode !== ANSWER.NONE) throw this.fault(errorCode)
          found.set(partitionIndex, Number(offset))
        }
      }),
    )
    return found
  }

  /** What a broker’s answer means. */
  fault(errorCode: number): DeliveryError {
    if (errorCode === ANSWER.NOT_LEADER_OR_FOLLOWER) this.forget()
    return faultOf(new this.#kafka.ProtocolError(errorCode), { brokers: 'the brokers', topic: this.topic })
  }

  /** Ends all connections at once. */
  close(): void {
    this.#client.close()
    this.#reads.close()
  }

  #listOffsets(connection: BrokerConnection, partitions: readonly number[], timestamp: bigint) {
    const { listOffsetsV5, listOffsetsV6, listOffsetsV7, listOffsetsV8, listOffsetsV9 } = this.#kafka
    const versions = [listOffsetsV9, listOffsetsV8, listOffsetsV7, listOffsetsV6, listOffsetsV5]
    const asked = partitions.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp }))
    return connection.call('ListOffsets', versions, (api, to) =>
      api.async(to, -1, 0, [{ name: this.topic, partitions: asked }]),
    )
  }
}

/** Partitions by who leads them; by `undefined`, those that nobody leads now. */
export function byLeader(
  partitions: Iterable<number>,
  leaders: readonly (BrokerAddress | undefined)[],
): ReadonlyMap<BrokerAddress | undefined, readonly number[]> {
  const known = new Map<string, BrokerAddress>()
  const groups = new Map<BrokerAddress | undefined, number[]>()
  for (const partition of partitions) {
    const leader = leaders[partition]
    const address = leader === undefined ? '' : addressText(leader)
    // The same broker, though told twice.
    const same = leader === undefined ? undefined : (known.get(address) ?? leader)
    if (same !== undefined) known.set(address, same)
    groups.set(same, [...(groups.get(same) ?? []), partition])
  }
  return groups
}

/** Errors of the brokers that do not pass while it waits: whoever runs it has to do something. */
const MUST_BE_MENDED = new Set(['authorization_failed', 'topic_invalid', 'broker_too_old'])

/** Whether there is no use in trying again. */
export function isFinal(error: unknown): boolean {
  if (error instanceof InputError) return true
  return error instanceof DeliveryError && MUST_BE_MENDED.has(error.kind)
}

/** An error of the brokers, as it is told whoever reads: those of the sinks speak of writing. Others stay as they are. */
export function readingError(error: unknown, topic: string): unknown {
  if (!(error instanceof DeliveryError)) return error
  const { message, kind } = error
  if (kind === 'authorization_failed')
    return new InputError(
      `Cannot read the topic ${topic}: the brokers do not let us. Allow Describe and Read on it.`,
      { cause: error },
    )
  return new InputError(`Cannot read the topic ${topic}: ${message}`, { cause: error })
}

/** The library's own answer to a fetch makes an object of each record, and holds no checksum against any: this one does not. */
function fetchApi(kafka: GroupLibrary, version: (typeof FETCH_VERSIONS)[number]) {
  const api = kafka.createAPI<Parameters<typeof kafka.fetchV17.createRequest>, Fetched>(
    FETCH,
    version,
    kafka[`fetchV${version}`].createRequest,
    (_id, _key, _version, reader) =>
      // One piece of memory: it came in many.
      readFetchResponse(reader.buffer.slice(reader.position), version),
  )
  return { api }
}
