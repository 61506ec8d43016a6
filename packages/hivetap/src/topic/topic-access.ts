import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { ConsumerOptions, SASLMechanismValue } from '@platformatic/kafka'
import { InputError } from './input-error.js'

/** Ways to say who one is. */
export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

/** How a topic is reached. Secrets stand in files or in the environment, never on a command line. */
export interface TopicAccess {
  /** `host:port`, some of the cluster's. */
  readonly brokers: readonly string[]
  readonly topic: string
  /** Present where the brokers speak TLS. */
  readonly tls?: {
    /** PEM; without, what the system trusts. */
    readonly caFile?: string
    /** A certificate of our own and its key, PEM. */
    readonly certFile?: string
    readonly keyFile?: string
    /** The name that their certificate is to have; without, that of the broker. */
    readonly serverName?: string
  }
  readonly sasl?: {
    readonly mechanism: (typeof SASL_MECHANISMS)[number]
    readonly username: string
    readonly password: string
  }
}

type Options = Pick<
  ConsumerOptions<Buffer, Buffer, Buffer, Buffer>,
  'clientId' | 'bootstrapBrokers' | 'tls' | 'tlsServerName' | 'sasl'
>

/**
 * What the Kafka client is told of it.
 *
 * @throws {InputError} if a file cannot be read
 */
export async function connectionOptions({ brokers, tls, sasl }: TopicAccess): Promise<Options> {
  return {
    clientId: 'hivetap-audit',
    bootstrapBrokers: [...brokers],
    ...(tls === undefined ? {} : { tls: await tlsOptions(tls), ...serverName(tls.serverName, brokers) }),
    ...(sasl === undefined
      ? {}
      : { sasl: { ...sasl, mechanism: sasl.mechanism satisfies SASLMechanismValue } }),
  }
}

async function tlsOptions({ caFile, certFile, keyFile }: NonNullable<TopicAccess['tls']>) {
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map(contentOf))
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

/** Without a name that was given, each broker's own; of addresses TLS knows none. */
function serverName(
  name: string | undefined,
  brokers: readonly string[],
): { readonly tlsServerName?: string | true } {
  if (name !== undefined) return { tlsServerName: name }
  const areAddresses = brokers.every(
    (broker) => isIP(broker.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')) !== 0,
  )
  return areAddresses ? {} : { tlsServerName: true }
}

async function contentOf(path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined
  return readFile(path).catch((error: unknown) => {
    throw new InputError(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  })
}
