import { readFileSync } from 'node:fs'
import { Option } from 'commander'
import { InputError } from '../topic/input-error.js'
import { SASL_MECHANISMS, type TopicAccess } from '../topic/topic-access.js'
import { reader } from './command-option.js'

/** How a topic is reached, as the command line says it. */
export interface TopicOptions {
  readonly brokers?: readonly string[]
  readonly topic?: string
  readonly tls?: boolean
  readonly tlsCaFile?: string
  readonly tlsCertFile?: string
  readonly tlsKeyFile?: string
  readonly tlsServerName?: string
  readonly saslMechanism?: (typeof SASL_MECHANISMS)[number]
  readonly saslUsernameFile?: string
  readonly saslPasswordFile?: string
}

const USERNAME = 'HIVETAP_KAFKA_USERNAME'
const PASSWORD = 'HIVETAP_KAFKA_PASSWORD'

/** Options of commands that read a topic. */
export function topicOptions(): readonly Option[] {
  return [
    new Option('--brokers <HOST:PORT,...>', 'some of the brokers').argParser(reader(brokerList)),
    new Option('--topic <TOPIC>', 'the topic').argParser(reader(topicName)),
    new Option('--tls', 'speak TLS; each of the following does too'),
    new Option(
      '--tls-ca-file <PATH>',
      'certificates to trust, PEM, in place of those that the system trusts',
    ),
    new Option('--tls-cert-file <PATH>', 'a certificate of our own, PEM'),
    new Option('--tls-key-file <PATH>', 'its key, PEM'),
    new Option('--tls-server-name <NAME>', "the name that the brokers' certificates are to have"),
    new Option('--sasl-mechanism <NAME>', 'say who we are').choices([...SASL_MECHANISMS]),
    new Option(
      '--sasl-username-file <PATH>',
      `a file that holds the name; without, ${USERNAME} in the environment`,
    ),
    new Option('--sasl-password-file <PATH>', `a file that holds the password; without, ${PASSWORD}`),
  ]
}

/**
 * What the options and the environment say.
 *
 * @throws {InputError} if a secret is not there
 */
export function topicAccess(
  options: TopicOptions,
  brokers: readonly string[],
  topic: string,
  environment: NodeJS.ProcessEnv,
): TopicAccess {
  const { tlsCaFile, tlsCertFile, tlsKeyFile, tlsServerName, saslMechanism } = options
  const tls = {
    ...(tlsCaFile === undefined ? {} : { caFile: tlsCaFile }),
    ...(tlsCertFile === undefined ? {} : { certFile: tlsCertFile }),
    ...(tlsKeyFile === undefined ? {} : { keyFile: tlsKeyFile }),
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
  }
  const isTls = options.tls === true || Object.keys(tls).length > 0
  return {
    brokers,
    topic,
    ...(isTls ? { tls } : {}),
    ...(saslMechanism === undefined
      ? {}
      : {
          sasl: {
            mechanism: saslMechanism,
            username: secret(options.saslUsernameFile, environment, USERNAME, '--sasl-username-file'),
            password: secret(options.saslPasswordFile, environment, PASSWORD, '--sasl-password-file'),
          },
        }),
  }
}

function secret(
  path: string | undefined,
  environment: NodeJS.ProcessEnv,
  variable: string,
  flag: string,
): string {
  const value = path === undefined ? environment[variable] : contentOf(path)
  if (value === undefined || value === '')
    throw new InputError(`--sasl-mechanism needs ${flag}, or ${variable} in the environment`)
  return value
}

/** A secret in a file: an editor puts a newline behind it. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new InputError(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  }
}

/** `a:9092,b:9092` */
export function brokerList(text: string): readonly string[] {
  const brokers = text.split(',').map((broker) => broker.trim())
  const wrong = brokers.find((broker) => !/^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5}$/.test(broker))
  if (wrong !== undefined)
    throw new Error(`a broker is a host and a port, such as kafka:9092, not ${JSON.stringify(wrong)}`)
  return brokers
}

/** As Kafka has it. */
function topicName(text: string): string {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(text)) throw new Error(`${JSON.stringify(text)} is no name of a topic`)
  return text
}
