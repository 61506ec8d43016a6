import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { brokersConfig } from '../sinks/kafka/config.js'
import type { BrokerOptions } from './kafka-options.js'

const schema = z.strictObject(brokersConfig)

/**
 * The options as a configuration has them.
 *
 * @throws {InvalidArgumentError} that says what is wrong with them
 */
export function brokersOf(options: BrokerOptions): z.infer<typeof schema> {
  const tls = given({
    ca_file: options.tlsCaFile,
    cert_file: options.tlsCertFile,
    key_file: options.tlsKeyFile,
    server_name: options.tlsServerName,
  })
  const sasl = given({
    mechanism: options.saslMechanism,
    username: options.saslUsername,
    password_file: options.saslPasswordFile,
    password_env: options.saslPasswordEnv,
    token_file: options.saslTokenFile,
    token_env: options.saslTokenEnv,
  })
  const parsed = schema.safeParse({
    brokers: options.brokers,
    ...(options.tls === true || tls !== undefined ? { tls: tls ?? {} } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new InvalidArgumentError(`${issue?.path.join('.')}: ${issue?.message}`)
}

/** What is there of it; `undefined` where nothing is. */
function given(values: Readonly<Record<string, string | undefined>>) {
  const there = Object.entries(values).filter(([, value]) => value !== undefined)
  return there.length === 0 ? undefined : Object.fromEntries(there)
}
