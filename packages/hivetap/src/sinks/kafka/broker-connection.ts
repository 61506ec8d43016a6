import type { Socket } from 'node:net'
import type { Connection } from '@platformatic/kafka'
import type { BrokerAddress } from './config.js'
import { isFlexible, type Produce, produceRequest } from './produce-request.js'
import { signingInOnce } from './sign-in.js'

/** The library, which is loaded when the first destination is made. */
export type KafkaLibrary = typeof import('./client-library.js')

export type MetadataResponse = ReturnType<KafkaLibrary['metadataV12']['parseResponse']>
export type ProduceResponse = ReturnType<KafkaLibrary['produceV11']['parseResponse']>

export type ConnectOptions = NonNullable<ConstructorParameters<typeof Connection>[1]>

/** A sign-in is used for this part of the time that brokers let it stand: what is under way by then has the rest of it. */
const USED_OF_SESSION = 0.8

/** Requests of one connection that wait for an answer, at most; more wait here. */
const IN_FLIGHT = 64

/**
 * A connection to a broker, signed in, with the versions of requests that it takes.
 *
 * Whatever goes wrong but an answer that says so ends it: behind an answer that came too late, or was cut, the library would
 * read the next one from the wrong place, and might take it for that of another request.
 */
export class BrokerConnection {
  readonly #kafka: KafkaLibrary
  readonly #connection: Connection
  #versions = new Map<string, { readonly minVersion: number; readonly maxVersion: number }>()
  #closed = false
  /** Why it ended, as the first that was told of it says. */
  #cause: Error | undefined
  /** When what it was signed in with is to be renewed, by a clock that is never set. */
  #renewAt = Number.POSITIVE_INFINITY
  /** Requests that wait for an answer. */
  #underWay = 0
  #retired = false

  private constructor(kafka: KafkaLibrary, options: ConnectOptions) {
    const signedInMs = (lifetimeMs: number) => {
      this.#renewAt = performance.now() + lifetimeMs * USED_OF_SESSION
    }
    const once = signingInOnce(kafka, options, signedInMs)
    const connection = new kafka.Connection('hivetap', { ...once, maxInflights: IN_FLIGHT })
    this.#kafka = kafka
    this.#connection = connection
    // It tells more than one error where several things fail at once; whoever waits is told the first.
    connection.on('error', (error) => {
      this.#cause ??= error
      this.#closed = true
    })
    connection.on('close', () => {
      this.#closed = true
    })
  }

  /** Connects, signs in, and asks what it speaks. Throws whatever went wrong; nothing stays open then. */
  static async open(
    kafka: KafkaLibrary,
    broker: BrokerAddress,
    options: ConnectOptions,
  ): Promise<BrokerConnection> {
    const opened = new BrokerConnection(kafka, options)
    const connection = opened.#connection
    try {
      await new Promise<void>((resolve, reject) => {
        connection.connect(broker.host, broker.port, (error) => (error ? reject(error) : resolve()))
        if (connection.socket !== undefined) endOnThrow(connection.socket)
      })
      const { apiKeys } = await opened.#request(kafka.apiVersionsV3.api.async(connection, 'hivetap', '1'))
      opened.#versions = new Map(apiKeys.map((api) => [api.name, api]))
      return opened
    } catch (error) {
      opened.close()
      throw error
    }
  }

  /** Whether a new one is to be made: it ended, or the brokers will soon want another sign-in. */
  get spent(): boolean {
    return this.#closed || performance.now() >= this.#renewAt
  }

  get closed(): boolean {
    return this.#closed
  }

  /** It is asked nothing more, and ends once all that is under way was answered. */
  retire(): void {
    this.#retired = true
    if (this.#underWay === 0) this.close()
  }

  /** Asks what brokers there are, and who leads the partitions of topics. What is wrong with a topic stands in the answer. */
  async metadata(topics: string[]): Promise<MetadataResponse> {
    const { metadataV9, metadataV10, metadataV11, metadataV12 } = this.#kafka
    const { api } = this.#pick('Metadata', [metadataV12, metadataV11, metadataV10, metadataV9])
    return await this.#answer(api.async(this.#connection, topics, false, false))
  }

  /** Sends a batch, and waits for the answer: whether all replicas in sync have it stands in it. */
  async produce(produce: Produce): Promise<ProduceResponse> {
    const { produceV7, produceV8, produceV9, produceV10, produceV11 } = this.#kafka
    const { api, parseResponse } = this.#pick('Produce', [
      produceV11,
      produceV10,
      produceV9,
      produceV8,
      produceV7,
    ])
    const { key, version } = api
    const flexible = isFlexible(version)
    const request = () => produceRequest(this.#kafka, version, produce)
    return await this.#answer(
      new Promise((resolve, reject) => {
        this.#connection.send<ProduceResponse>(
          key,
          version,
          request,
          parseResponse,
          flexible,
          flexible,
          (error, response) => {
            if (error === null && response !== undefined) resolve(response)
            else reject(error)
          },
        )
      }),
    )
  }

  /** Ends it at once; requests that wait are told so. */
  close(): void {
    this.#closed = true
    const { socket } = this.#connection
    this.#connection.close(() => {})
    socket?.destroy()
  }

  /**
   * Asks something that the two methods above do not: in the newest version that both sides know.
   *
   * @param name what the protocol calls it: `CreateTopics`
   */
  call<A extends { readonly api: { readonly version: number } }, R>(
    name: string,
    known: readonly A[],
    send: (api: A['api'], connection: Connection) => Promise<R>,
  ): Promise<R> {
    const { api } = this.#pick(name, known)
    return this.#answer(send(api, this.#connection))
  }

  #pick<T extends { readonly api: { readonly version: number } }>(name: string, known: readonly T[]): T {
    const { minVersion = 0, maxVersion = -1 } = this.#versions.get(name) ?? {}
    const found = known.find(({ api }) => api.version >= minVersion && api.version <= maxVersion)
    if (found === undefined) throw new this.#kafka.ProtocolError('UNSUPPORTED_VERSION')
    return found
  }

  /** An answer, also one that tells of errors: the library throws for a single one, and has the whole answer with it. */
  async #answer<T>(answer: Promise<T>): Promise<T> {
    try {
      return await this.#request(answer)
    } catch (error) {
      const { response } = error as { response?: T }
      if (this.#isAnswer(error) && response !== undefined) return response
      throw error
    }
  }

  async #request<T>(answer: Promise<T>): Promise<T> {
    this.#underWay++
    try {
      return await answer
    } catch (error) {
      if (this.#isAnswer(error)) throw error
      this.close()
      // A request that waits is told only that the connection is closed.
      throw this.#cause ?? error
    } finally {
      this.#underWay--
      if (this.#retired) this.retire()
    }
  }

  #isAnswer(error: unknown): boolean {
    return error instanceof this.#kafka.ResponseError
  }
}

/** Answers that are not Kafka's can make the library throw where nobody catches it: the connection ends instead. */
function endOnThrow(socket: Socket): void {
  const emit = socket.emit.bind(socket)
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...args)
    try {
      return emit(event, ...args)
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)))
      return true
    }
  }
}
