import { DeliveryError } from '../../delivery/destination.js'
import {
  BrokerConnection,
  type KafkaLibrary,
  type MetadataResponse,
  type ProduceResponse,
} from './broker-connection.js'
import { type BrokerAddress, type BrokersConfig, parseBroker } from './config.js'
import { faultOf } from './faults.js'
import { firstAnswer } from './first-answer.js'
import { addressText, KnownBrokers } from './known-brokers.js'
import { connectionOptions } from './secrets.js'

/** What is known of a topic is asked anew behind this, so that partitions that were added are used. */
const TOPIC_AGE_MS = 60_000
/** TCP, TLS and sign-in together. */
const CONNECT_TIMEOUT_MS = 5_000
/** A broker that has not answered for so long is slow: another is asked what any can tell. */
const PATIENCE_MS = 1_000
/** The longest time there is for a timer: a broker that is silent fails before. */
const MOST_PATIENCE_MS = 2 ** 31 - 1

/** A partition's leader, by the partition's number; `undefined` where it has none now. */
export type Leaders = readonly (BrokerAddress | undefined)[]

/** What is known of a topic. */
export interface KnownTopic {
  readonly leaders: Leaders
  /** Another topic of the same name has another one; `undefined` where brokers have none (Kafka 2.7 and before). */
  readonly id: string | undefined
  /** By a clock that is never set. */
  readonly askedAt: number
}

/** A cluster, seen by somebody who writes: who leads what, and the connections to them. Each request is one try. */
export class ClusterClient {
  readonly #kafka: KafkaLibrary
  readonly #config: BrokersConfig
  readonly #brokers: KnownBrokers
  readonly #connections = new Map<string, Promise<BrokerConnection>>()
  /** Those that were replaced and still wait for answers. */
  readonly #retired = new Set<BrokerConnection>()
  readonly #topics = new Map<string, KnownTopic>()
  readonly #asking = new Map<string, Promise<KnownTopic>>()
  #closed = false

  constructor(kafka: KafkaLibrary, config: BrokersConfig) {
    this.#kafka = kafka
    this.#config = config
    this.#brokers = new KnownBrokers(config.brokers.map(parseBroker).filter((broker) => broker !== undefined))
  }

  /** Asks any broker, to see that one answers. Throws {@link DeliveryError}. */
  async ping(): Promise<void> {
    await this.#ask([], undefined)
  }

  /**
   * Who leads each partition of a topic, as far as is known; asked if it is not.
   *
   * @throws {DeliveryError}
   */
  async leaders(topic: string): Promise<Leaders> {
    return (await this.topic(topic)).leaders
  }

  /** The same, and which topic it is. @throws {DeliveryError} */
  async topic(topic: string): Promise<KnownTopic> {
    const known = this.#topics.get(topic)
    if (known === undefined) return this.#askTopic(topic)
    // What is known goes on being used until there is an answer.
    if (performance.now() - known.askedAt > TOPIC_AGE_MS) this.#askTopic(topic).catch(() => {})
    return known
  }

  /** Asks anew what is known of a topic, which goes on being used until there is an answer. */
  refresh(topic: string): void {
    this.#askTopic(topic).catch(() => {})
  }

  /** What was known of a topic turned out to be wrong. */
  forget(topic: string): void {
    this.#topics.delete(topic)
  }

  /**
   * Sends a batch to the leader of its partition; once it returns, all replicas in sync have it.
   *
   * @throws {DeliveryError}
   */
  async produce(to: BrokerAddress, topic: string, partition: number, batch: Buffer): Promise<void> {
    // The broker gives up waiting for replicas before we give up waiting for the broker.
    const timeoutMs = Math.ceil(this.#config.request_timeout_ms * 0.8)
    await this.onBroker(to, topic, async (connection) => {
      const { responses } = await connection.produce({ topic, partition, batch, timeoutMs })
      this.#checkAnswer(responses, topic, partition)
    })
  }

  /**
   * Asks one broker after the other, until one answers.
   *
   * @param topic what it is about, for errors
   * @throws {DeliveryError} what the last one asked had to say
   */
  onAnyBroker<T>(topic: string | undefined, ask: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    return this.#firstAnswer(topic, ask, MOST_PATIENCE_MS)
  }

  /**
   * The same for what may be asked more than once: a broker that is silent for a second is not waited for alone.
   *
   * @throws {DeliveryError}
   */
  onSoonestBroker<T>(
    topic: string | undefined,
    ask: (connection: BrokerConnection) => Promise<T>,
  ): Promise<T> {
    return this.#firstAnswer(topic, ask, PATIENCE_MS)
  }

  /** Asks one broker. @throws {DeliveryError} */
  async onBroker<T>(
    broker: BrokerAddress,
    topic: string | undefined,
    ask: (connection: BrokerConnection) => Promise<T>,
  ): Promise<T> {
    try {
      const answer = await ask(await this.#connection(broker))
      this.#brokers.answered(broker)
      return answer
    } catch (error) {
      throw this.#fault(error, [broker], topic)
    }
  }

  /** Ends all connections at once. */
  close(): void {
    this.#closed = true
    for (const connection of this.#connections.values())
      connection.then(
        (opened) => opened.close(),
        () => {},
      )
    this.#connections.clear()
    for (const connection of this.#retired) connection.close()
    this.#retired.clear()
  }

  async #firstAnswer<T>(
    topic: string | undefined,
    ask: (connection: BrokerConnection) => Promise<T>,
    patienceMs: number,
  ): Promise<T> {
    const brokers = this.#brokers.candidates
    if (brokers.length === 0)
      throw new DeliveryError('broker_unreachable', 'There is no broker to ask.', { passing: false })
    // Others would refuse it too; trying them all locks accounts.
    const isFinal = (error: unknown) =>
      this.#closed ||
      (error instanceof DeliveryError && ['authentication_failed', 'secret_unreadable'].includes(error.kind))
    return firstAnswer(brokers, patienceMs, (broker) => this.onBroker(broker, topic, ask), isFinal)
  }

  #askTopic(topic: string): Promise<KnownTopic> {
    const asking = this.#asking.get(topic)
    if (asking !== undefined) return asking
    const answer = this.#ask([topic], topic)
      .then((response) => {
        const leaders = this.#leadersIn(response, topic)
        const known = { leaders, id: idIn(response, topic), askedAt: performance.now() }
        this.#topics.set(topic, known)
        return known
      })
      .finally(() => this.#asking.delete(topic))
    this.#asking.set(topic, answer)
    return answer
  }

  /** Throws unless the answer says that this partition has taken what was sent to it. */
  #checkAnswer(responses: ProduceResponse['responses'], topic: string, partition: number): void {
    const [only, ...others] = responses
    const [answer, ...more] = only?.partitionResponses ?? []
    if (answer === undefined || others.length + more.length > 0)
      throw new RangeError('The answer is not about one partition.')
    if (only?.name !== topic || answer.index !== partition)
      throw new RangeError('The answer is about another partition.')
    if (answer.errorCode === 0) return
    const why = [answer.errorMessage, answer.recordErrors?.[0]?.batchIndexErrorMessage]
    throw new this.#kafka.ProtocolError(answer.errorCode, why.filter((text) => text !== null).join(': '))
  }

  #leadersIn({ brokers, topics }: MetadataResponse, topic: string): Leaders {
    const found = topics.find(({ name }) => name === topic)
    const { ProtocolError } = this.#kafka
    if (found === undefined || found.errorCode !== 0) {
      this.#topics.delete(topic)
      throw this.#fault(new ProtocolError(found?.errorCode ?? 3), this.#brokers.candidates, topic)
    }
    const byId = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
    const leaders: (BrokerAddress | undefined)[] = found.partitions.map(() => undefined)
    for (const { partitionIndex, leaderId } of found.partitions) {
      if (partitionIndex < leaders.length) leaders[partitionIndex] = byId.get(leaderId)
    }
    return leaders
  }

  async #ask(topics: string[], topic: string | undefined): Promise<MetadataResponse> {
    return this.onSoonestBroker(topic, async (connection) => {
      const response = await connection.metadata(topics)
      this.#brokers.learn(response.brokers.map(({ host, port }) => ({ host, port })))
      return response
    })
  }

  #fault(error: unknown, brokers: readonly BrokerAddress[], topic: string | undefined): DeliveryError {
    const fault = faultOf(error, {
      brokers: brokers.slice(0, 3).map(addressText).join(', '),
      topic,
      user: this.#config.sasl?.username,
      hasCertificate: this.#config.tls?.cert_file !== undefined,
    })
    const [only, ...others] = brokers
    const silent = ['broker_unreachable', 'protocol', 'tls_failed', 'broker_slow'].includes(fault.kind)
    if (silent && only !== undefined && others.length === 0) this.#brokers.failed(only)
    return fault
  }

  async #connection(broker: BrokerAddress): Promise<BrokerConnection> {
    if (this.#closed) throw new DeliveryError('closed', 'The destination was closed.', { passing: false })
    const address = addressText(broker)
    const opening = this.#connections.get(address)
    const opened = await opening
    if (opened?.spent === false) return opened
    // Somebody else may have found it spent, and be opening another.
    if (this.#connections.get(address) !== opening) return this.#connection(broker)
    if (opened !== undefined) this.#retire(opened)
    const fresh = this.#open(broker)
    this.#connections.set(address, fresh)
    try {
      return await fresh
    } catch (error) {
      if (this.#connections.get(address) === fresh) this.#connections.delete(address)
      throw error
    }
  }

  #retire(connection: BrokerConnection): void {
    for (const retired of this.#retired) if (retired.closed) this.#retired.delete(retired)
    this.#retired.add(connection)
    connection.retire()
  }

  async #open(broker: BrokerAddress): Promise<BrokerConnection> {
    const requestTimeout = this.#config.request_timeout_ms
    const connection = await BrokerConnection.open(this.#kafka, broker, {
      ...(await connectionOptions(this.#config, broker)),
      requestTimeout,
      connectTimeout: Math.min(CONNECT_TIMEOUT_MS, requestTimeout),
    })
    if (this.#closed) {
      connection.close()
      throw new DeliveryError('closed', 'The destination was closed.', { passing: false })
    }
    return connection
  }
}

function idIn({ topics }: MetadataResponse, topic: string): string | undefined {
  const found: { readonly topicId?: string } | undefined = topics.find(({ name }) => name === topic)
  return found?.topicId
}
