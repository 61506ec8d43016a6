/** How clients sign in. */
export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'

/** The user that may sign in at a broker with SASL. */
export const USER = 'agent'

/** The ports of a node, on 127.0.0.1 but for that of clients. */
export interface NodePorts {
  /** For clients, as the cluster was asked for. */
  readonly client: number
  /** Without encryption or sign-in: between brokers, and for the tests' own tools. */
  readonly internal: number
  readonly controller: number
  /** What clients are told to connect to: `client`, or a proxy in front of it. */
  readonly advertised: number
}

/** What the configuration of a node is made of. */
export interface BrokerOptions {
  readonly nodes: readonly NodePorts[]
  /** The address that clients reach them at. */
  readonly host: string
  readonly directory: string
  /** A PEM file with the node's key, its certificate and its authority's: clients speak TLS. */
  readonly keyStore?: string | undefined
  readonly sasl: readonly SaslMechanism[]
  readonly password: string
  readonly properties: Readonly<Record<string, string>>
}

/** server.properties of the node of that index, which is broker and controller. */
export function brokerProperties(index: number, options: BrokerOptions): string {
  const { nodes, sasl, keyStore } = options
  const ports = nodes[index]
  if (ports === undefined) throw new RangeError(`There is no node ${index}.`)
  const secure = keyStore !== undefined
  const protocol = sasl.length > 0 ? (secure ? 'SASL_SSL' : 'SASL_PLAINTEXT') : secure ? 'SSL' : 'PLAINTEXT'
  const replicas = String(nodes.length)
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(index + 1),
    'controller.quorum.voters': nodes.map((node, i) => `${i + 1}@127.0.0.1:${node.controller}`).join(','),
    listeners: `CLIENT://${options.host}:${ports.client},INTERNAL://127.0.0.1:${ports.internal},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `CLIENT://${options.host}:${ports.advertised},INTERNAL://127.0.0.1:${ports.internal}`,
    'listener.security.protocol.map': `CLIENT:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': `${options.directory}/data`,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': nodes.length > 1 ? '2' : '1',
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '16777216',
    'num.network.threads': '2',
    'num.io.threads': '2',
    // A node that is killed is missed soon, and one that is stopped does not take its time.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '500',
    'controller.quorum.election.timeout.ms': '1000',
    'controller.quorum.fetch.timeout.ms': '2000',
    'replica.lag.time.max.ms': '4000',
    'delete.topic.enable': 'true',
    'log.retention.ms': '-1',
    ...saslProperties(options),
    ...(secure
      ? {
          'listener.name.client.ssl.keystore.type': 'PEM',
          'listener.name.client.ssl.keystore.location': keyStore ?? '',
          'listener.name.client.ssl.truststore.type': 'PEM',
          'listener.name.client.ssl.truststore.location': keyStore?.replace(/[^/]*$/, 'ca.pem') ?? '',
        }
      : {}),
    ...options.properties,
  }
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`
}

function saslProperties({ sasl, password }: BrokerOptions): Record<string, string> {
  if (sasl.length === 0) return {}
  const prefix = 'listener.name.client'
  const found: Record<string, string> = {
    [`${prefix}.sasl.enabled.mechanisms`]: sasl.join(','),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'allow.everyone.if.no.acl.found': 'true',
  }
  for (const mechanism of sasl) {
    const name = `${prefix}.${mechanism.toLowerCase()}`
    if (mechanism === 'PLAIN')
      found[`${name}.sasl.jaas.config`] =
        `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${password}";`
    else if (mechanism === 'OAUTHBEARER') {
      // Without a validator of its own a broker takes unsigned tokens: enough to see that ours arrive.
      found[`${name}.sasl.jaas.config`] =
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";'
    } else
      found[`${name}.sasl.jaas.config`] = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  }
  return found
}
