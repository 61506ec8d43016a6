import { type Command, Option } from 'commander'

/** What the options say, by the names that commander gives them. */
export interface BrokerOptions {
  readonly brokers: string
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

/** Adds the options that say where brokers are, and how they are reached: those of the configuration. Secrets are no options. */
export function addBrokerOptions(command: Command): Command {
  const sasl = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']
  return command
    .requiredOption('--brokers <LIST>', 'brokers to ask, as HOST:PORT,HOST:PORT')
    .option('--tls', 'speak TLS, and trust the authorities of the system')
    .option('--tls-ca-file <FILE>', 'speak TLS, and trust the authorities in this PEM file')
    .option('--tls-cert-file <FILE>', 'PEM file of our own certificate')
    .option('--tls-key-file <FILE>', 'PEM file of its key')
    .option('--tls-server-name <NAME>', 'name that the brokers’ certificates are held against')
    .addOption(new Option('--sasl-mechanism <NAME>', 'how to sign in').choices(sasl))
    .option('--sasl-username <NAME>', 'who signs in')
    .option('--sasl-password-file <FILE>', 'file that holds the password')
    .option('--sasl-password-env <NAME>', 'environment variable that holds the password')
    .option('--sasl-token-file <FILE>', 'file that holds the token, with oauthbearer')
    .option('--sasl-token-env <NAME>', 'environment variable that holds the token, with oauthbearer')
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
