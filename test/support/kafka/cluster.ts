/**
 * Real brokers for tests: Apache Kafka, from Maven Central (install.ts).
 *
 * ```ts
 * const cluster = await startCluster({ nodes: 3, tls: true, sasl: ['SCRAM-SHA-512'] })    // in beforeAll
 * await cluster.createTopic('events', { partitions: 3 })
 * cluster.brokers                    // ['127.0.0.1:40001', …]: what a configuration says
 * cluster.caFile, USER, cluster.password
 * await cluster.kill(1)              // SIGKILL; stop, freeze, thaw, restart: nodes count from 0
 * await readRecords(cluster, 'events')   // by Kafka's own consumer (read-records.ts)
 * await cluster.close()              // in afterAll: no process, no folder stays
 * ```
 *
 * With `proxied: true` clients reach each broker through `cluster.proxies[i]` alone (proxy.ts), which can break the way.
 * Tests of this kind are called `*.kafka.test.ts`; `npm run test:kafka` runs them, one file after the other.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import { brokerAnswer } from '../../../packages/hivetap/src/sinks/kafka/causes.js'
import { brokerProperties, type NodePorts, type SaslMechanism, USER } from './broker-properties.js'
import { type Certificates, makeCertificates } from './certificates.js'
import { prepareClassArchive } from './class-archive.js'
import { freePorts } from './free-ports.js'
import { runJava } from './java.js'
import { KafkaNode } from './node.js'
import { type ProxyFault, TcpProxy } from './proxy.js'

export { USER } from './broker-properties.js'

/** What kind of cluster. */
export interface ClusterOptions {
  readonly nodes?: 1 | 3
  /** Clients speak TLS, with a certificate of `localhost` and 127.0.0.1. */
  readonly tls?: boolean
  /** Clients sign in as `USER`, in one of these ways. */
  readonly sasl?: readonly SaslMechanism[]
  /** Clients reach each broker through a proxy. */
  readonly proxied?: boolean
  /** An address of this machine that clients reach the brokers at, in place of 127.0.0.1; with neither TLS nor proxies. */
  readonly host?: string
  /** More of server.properties, of every node. */
  readonly properties?: Readonly<Record<string, string>>
}

/** Starts brokers, and waits until they serve. */
export async function startCluster(options: ClusterOptions = {}): Promise<KafkaCluster> {
  await prepareClassArchive()
  // A port that was free may be taken a moment later: then the brokers are started once more.
  for (let attempt = 1; ; attempt++) {
    const cluster = await KafkaCluster.create(options)
    try {
      await cluster.start()
      return cluster
    } catch (error) {
      await cluster.close()
      if (attempt === 3 || !String(error).includes('Address already in use')) throw error
    }
  }
}

/** Brokers of a test's own. */
export class KafkaCluster {
  /** What `USER` signs in with. */
  readonly password = randomBytes(12).toString('hex')
  readonly certificates: Certificates | undefined
  readonly proxies: readonly TcpProxy[]
  readonly #directory: string
  readonly #ports: readonly NodePorts[]
  readonly #nodes: readonly KafkaNode[]
  readonly #sasl: readonly SaslMechanism[]
  readonly #host: string
  #admin: Admin | undefined

  private constructor(
    options: ClusterOptions,
    directory: string,
    ports: readonly NodePorts[],
    proxies: readonly TcpProxy[],
    certificates: Certificates | undefined,
  ) {
    this.#directory = directory
    this.#ports = ports
    this.proxies = proxies
    this.certificates = certificates
    this.#sasl = options.sasl ?? []
    this.#host = options.host ?? '127.0.0.1'
    this.#nodes = ports.map((_, index) => {
      const node = join(directory, String(index))
      mkdirSync(node)
      const file = join(node, 'server.properties')
      const properties = {
        nodes: ports,
        host: this.#host,
        directory: node,
        keyStore: certificates?.keyStore,
        sasl: this.#sasl,
        password: this.password,
        properties: options.properties ?? {},
      }
      writeFileSync(file, brokerProperties(index, properties), { mode: 0o600 })
      return new KafkaNode(file, join(node, 'log'))
    })
  }

  /** Its folders, ports and configuration; nothing runs yet. */
  static async create(options: ClusterOptions): Promise<KafkaCluster> {
    const count = options.nodes ?? 1
    const directory = mkdtempSync(join(tmpdir(), 'hivetap-kafka-'))
    const free = await freePorts(count * 3)
    const proxies =
      options.proxied === true ? await Promise.all(Array.from({ length: count }, () => TcpProxy.start())) : []
    const ports = Array.from({ length: count }, (_, index) => {
      const [client = 0, internal = 0, controller = 0] = free.slice(index * 3)
      proxies[index]?.forwardTo(client)
      return { client, internal, controller, advertised: proxies[index]?.port ?? client }
    })
    const certificates = options.tls === true ? await makeCertificates(directory) : undefined
    return new KafkaCluster(options, directory, ports, proxies, certificates)
  }

  /** Addresses of the brokers, as clients are told them: through the proxies, where there are some. */
  get brokers(): string[] {
    return this.#ports.map(({ advertised }) => `${this.#host}:${advertised}`)
  }

  /** Does the same to all ways that clients have to it; see {@link TcpProxy.set}. */
  setProxies(fault: ProxyFault): void {
    for (const proxy of this.proxies) proxy.set(fault)
  }

  /** Addresses for the tests' own tools: no encryption, no sign-in, no proxy. */
  get internalBrokers(): string[] {
    return this.#ports.map(({ internal }) => `127.0.0.1:${internal}`)
  }

  /** A folder that goes with the cluster, for files of the test. */
  get directory(): string {
    return this.#directory
  }

  /** The authority that signed the brokers' certificate. */
  get caFile(): string {
    if (this.certificates === undefined) throw new Error('This cluster speaks no TLS.')
    return this.certificates.caFile
  }

  /** Formats the nodes' storage and starts them. */
  async start(): Promise<void> {
    // Kafka's own tool takes one that begins with a hyphen for an option.
    const id = `A${randomBytes(16).toString('base64url').slice(1)}`
    const scram = this.#sasl
      .filter((mechanism) => mechanism.startsWith('SCRAM'))
      .flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${USER},password=${this.password}]`])
    const format = (index: number) =>
      runJava('kafka.tools.StorageTool', [
        // With its name before it: an id may begin with a dash.
        ...['format', `--cluster-id=${id}`, '-c', join(this.#directory, String(index), 'server.properties')],
        ...scram,
      ])
    await Promise.all(this.#nodes.map((_, index) => format(index)))
    await Promise.all(this.#nodes.map((node) => node.start()))
  }

  /** SIGTERM, and waits. */
  stop(index: number): Promise<void> {
    return this.#node(index).stop()
  }

  /** SIGKILL. */
  kill(index: number): Promise<void> {
    return this.#node(index).kill()
  }

  /** SIGSTOP: its connections stay open, and nothing answers. */
  freeze(index: number): void {
    this.#node(index).freeze()
  }

  thaw(index: number): void {
    this.#node(index).thaw()
  }

  /** Starts a node again that was stopped or killed, on the same ports, with what it had. */
  restart(index: number): Promise<void> {
    return this.#node(index).start()
  }

  /** The end of what a node has said. */
  logTail(index: number): string {
    return this.#node(index).logTail
  }

  /** A client for whatever the helpers do not do, on the internal listener. */
  get admin(): Admin {
    this.#admin ??= new Admin({
      clientId: 'hivetap-test',
      bootstrapBrokers: this.internalBrokers,
      retries: 20,
      retryDelay: 250,
      connectTimeout: 10_000,
      requestTimeout: 20_000,
    })
    return this.#admin
  }

  /** Creates a topic; replicated on all nodes. Returns once every partition has a leader. */
  async createTopic(
    name: string,
    options: { readonly partitions?: number; readonly configs?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    const configs = Object.entries(options.configs ?? {}).map(([key, value]) => ({ name: key, value }))
    const partitions = options.partitions ?? 1
    try {
      await this.admin.createTopics({ topics: [name], partitions, replicas: this.#ports.length, configs })
    } catch (error) {
      // The client asks again where no answer came: what it asked for first may have been done.
      if (brokerAnswer(error) !== 'TOPIC_ALREADY_EXISTS') throw error
    }
    await this.leaders(name)
  }

  async deleteTopic(name: string): Promise<void> {
    await this.admin.deleteTopics({ topics: [name] })
  }

  /** Which node leads each partition of a topic; waits until all have one. */
  async leaders(topic: string): Promise<number[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { topics } = await this.admin.metadata({ topics: [topic], forceUpdate: true })
        const leaders = topics.get(topic)?.partitions.map(({ leader }) => leader - 1) ?? []
        if (leaders.length > 0 && leaders.every((leader) => leader >= 0)) return leaders
      } catch (error) {
        if (attempt > 40) throw error
      }
      if (attempt > 40) throw new Error(`Topic ${topic} has partitions without a leader.`)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }

  /** Ends everything, and removes what it left. */
  async close(): Promise<void> {
    // Its nodes may be gone: it is not waited for.
    this.#admin?.close().catch(() => {})
    await Promise.all(this.#nodes.map((node) => node.kill()))
    await Promise.all(this.proxies.map((proxy) => proxy.close()))
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #node(index: number): KafkaNode {
    const node = this.#nodes[index]
    if (node === undefined) throw new RangeError(`There is no node ${index}.`)
    return node
  }
}
