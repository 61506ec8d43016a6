import * as zlib from 'node:zlib'
import { z } from 'zod'

const file = (what: string) => z.string().min(1).describe(what)

/** A broker's address, as configurations have it. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/

/** Reads `host:port` or `[ipv6]:port`; `undefined` where it is neither. */
export function parseBroker(text: string): BrokerAddress | undefined {
  const [, ipv6, host = ipv6, digits] = ADDRESS.exec(text) ?? []
  const port = Number(digits)
  return host !== undefined && port > 0 && port < 65_536 ? { host, port } : undefined
}

/** How brokers are told to be trusted, and who we are to them. */
export const tlsConfig = z
  .strictObject({
    ca_file: file(
      'PEM file of the authorities that sign the brokers’ certificates; those of the system without it',
    ).optional(),
    cert_file: file('PEM file of our own certificate, where brokers ask for one; with key_file').optional(),
    key_file: file('PEM file of its key').optional(),
    server_name: z
      .string()
      .min(1)
      .optional()
      .describe('Name that the brokers’ certificates are held against; the name in their address without it'),
  })
  .refine(({ cert_file, key_file }) => (cert_file === undefined) === (key_file === undefined), {
    message: 'cert_file and key_file stand together',
  })

/** How we sign in. Secrets stand in files or in the environment, never here. */
export const saslConfig = z
  .strictObject({
    mechanism: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
      .describe('How the brokers let clients sign in'),
    username: z.string().min(1).optional().describe('Who signs in; not with oauthbearer'),
    password_file: file('File that holds the password; read for each new connection').optional(),
    password_env: z.string().min(1).optional().describe('Environment variable that holds the password'),
    token_file: file('File that holds the token, with oauthbearer; read for each new sign-in').optional(),
    token_env: z
      .string()
      .min(1)
      .optional()
      .describe('Environment variable that holds the token, with oauthbearer'),
  })
  .superRefine((sasl, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message })
    const one = (a: unknown, b: unknown) => (a === undefined) !== (b === undefined)
    const bearer = sasl.mechanism === 'oauthbearer'
    if (bearer && !one(sasl.token_file, sasl.token_env))
      complain('oauthbearer takes one of token_file and token_env')
    if (bearer && (sasl.username ?? sasl.password_file ?? sasl.password_env) !== undefined)
      complain('oauthbearer takes neither username nor password')
    if (!bearer && sasl.username === undefined) complain(`${sasl.mechanism} takes username`)
    if (!bearer && !one(sasl.password_file, sasl.password_env))
      complain(`${sasl.mechanism} takes one of password_file and password_env`)
    if (!bearer && (sasl.token_file ?? sasl.token_env) !== undefined)
      complain(`${sasl.mechanism} takes no token`)
  })

/** Where brokers are, and how they are reached. */
export const brokersConfig = {
  brokers: z
    .array(z.string().refine((text) => parseBroker(text) !== undefined, { message: 'is not HOST:PORT' }))
    .min(1)
    .describe('Brokers to ask first, as HOST:PORT; they name the others'),
  tls: tlsConfig.optional().describe('Encryption: without it, everything is sent in the clear'),
  sasl: saslConfig.optional().describe('Sign-in: without it, we are nobody to the brokers'),
  request_timeout_ms: z
    .int()
    .min(100)
    .default(10_000)
    .describe('How long a broker may take for an answer, in milliseconds'),
} as const

/** A topic’s name, in which `{tool}` stands for the tool’s. */
const TOPIC = /^(?:[A-Za-z0-9._-]|\{tool\}){1,200}$/

/** Configuration of a destination of the type `kafka`. */
export const kafkaConfig = z
  .strictObject({
    type: z.literal('kafka').describe('Events go to a topic of Kafka'),
    name: z.string().min(1).describe('What it is called in the log and in records of losses'),
    ...brokersConfig,
    topic: z
      .string()
      .regex(TOPIC, 'is not a topic: letters, digits, . _ - and {tool}')
      .describe('The topic; {tool} in it is the name of the tool, or `agent` for the agent’s own records'),
    key: z
      .enum(['none', 'node', 'destination'])
      .default('none')
      .describe(
        'What a record’s partition follows: none (each batch the next partition), node, or destination (address and port of a connect; node where there is none)',
      ),
    format: z
      .enum(['json', 'protobuf'])
      .default('json')
      .describe(
        'What a record’s value is: a JSON object, or hivetap.v1.Event of proto/hivetap/v1/event.proto',
      ),
    cloud_events: z
      .boolean()
      .default(false)
      .describe('Adds the headers of CloudEvents 1.0 (binary mode) to each record'),
    compression: z
      .enum(['lz4', 'none', 'gzip', 'snappy', 'zstd'])
      .default('lz4')
      .describe('How batches are compressed; zstd takes Node.js 22.15 or later'),
    window: z.int().min(1).max(64).default(4).describe('Batches under way at once'),
    deadline_ms: z
      .int()
      .min(100)
      .default(30_000)
      .describe('How long one try to deliver a batch may take altogether, in milliseconds'),
    max_message_bytes: z
      .int()
      .min(1024)
      .default(1_000_000)
      .describe(
        'Bytes that a request may hold before compression; not more than the topic’s max.message.bytes. A larger record is lost, and counted as too_large',
      ),
  })
  .refine(({ deadline_ms, request_timeout_ms }) => request_timeout_ms <= deadline_ms, {
    message: 'request_timeout_ms is more than deadline_ms',
  })
  .refine(({ compression }) => compression !== 'zstd' || 'zstdCompressSync' in zlib, {
    path: ['compression'],
    message: `Node.js ${process.versions.node} has no zstd: take Node.js 22.15 or later, or another compression`,
  })

export type TlsConfig = z.infer<typeof tlsConfig>
export type SaslConfig = z.infer<typeof saslConfig>
export type KafkaConfig = z.infer<typeof kafkaConfig>

/** What it takes to reach brokers: what a destination and `hivetap kafka init` have in common. */
export type BrokersConfig = Pick<KafkaConfig, 'brokers' | 'tls' | 'sasl' | 'request_timeout_ms'>
