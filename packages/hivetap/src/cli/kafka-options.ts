import { Option } from 'commander'
import { reader } from './command-option.js'

/** What the options say, by the names that commander gives them. */
export interface BrokerOptions {
  readonly brokers: readonly string[]
  readonly tls?: true
  readonly tlsCaFile?: string
  readonly tlsCertFile?: string
  readonly tlsKeyFile?: string
  readonly tlsServerName?: string
  readonly saslMechanism?: string
  readonly saslUsername?: string
  readonly saslPasswordFile?: string
  readonly saslPasswordEnv?: string
  readonly saslTokenFile?: string
  readonly saslTokenEnv?: string
}

/** The options that say how brokers are reached: those of the configuration. Secrets are no options. */
export function brokerOptions(): readonly Option[] {
  const sasl = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']
  return [
    new Option('--brokers <LIST>', 'brokers to ask, as HOST:PORT,HOST:PORT').argParser(reader(brokerList)),
    new Option('--tls', 'speak TLS, and trust the authorities of the system'),
    new Option('--tls-ca-file <FILE>', 'speak TLS, and trust the authorities in this PEM file'),
    new Option('--tls-cert-file <FILE>', 'PEM file of our own certificate'),
    new Option('--tls-key-file <FILE>', 'PEM file of its key'),
    new Option('--tls-server-name <NAME>', 'name that the brokers’ certificates are held against'),
    new Option('--sasl-mechanism <NAME>', 'how to sign in').choices(sasl),
    new Option('--sasl-username <NAME>', 'who signs in'),
    new Option('--sasl-password-file <FILE>', 'file that holds the password'),
    new Option('--sasl-password-env <NAME>', 'environment variable that holds the password'),
    new Option('--sasl-token-file <FILE>', 'file that holds the token, with oauthbearer'),
    new Option('--sasl-token-env <NAME>', 'environment variable that holds the token, with oauthbearer'),
  ]
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `7d`, `12h`, `30m`, `90s` → milliseconds; `forever` → -1, as Kafka has it. */
export function retention(text: string): number {
  if (text === 'forever') return -1
  const [, digits, unit = ''] = /^(\d{1,7})([smhd])$/.exec(text) ?? []
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN)
  if (milliseconds > 0) return milliseconds
  throw new Error(`a retention is such as 7d, 12h, 30m or 90s, or forever, not ${JSON.stringify(text)}`)
}

/** A number that there is at least one of. */
export function positive(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw new Error(`it is a whole number from 1 to 99999, not ${JSON.stringify(text)}`)
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
export function topicName(text: string): string {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(text)) throw new Error(`${JSON.stringify(text)} is no name of a topic`)
  return text
}
