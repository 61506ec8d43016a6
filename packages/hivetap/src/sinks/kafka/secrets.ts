import { isIP } from 'node:net'
import type { ConnectionOptions } from '@platformatic/kafka'
import { readSecret } from '../secrets/read-secret.js'
import { readTlsFiles } from '../secrets/read-tls-files.js'
import type { BrokerAddress, BrokersConfig, SaslConfig, TlsConfig } from './config.js'

/**
 * What a new connection is made with. Files are read for each, so that whoever renews a certificate or a password need not
 * restart anything.
 *
 * @throws {DeliveryError} `secret_unreadable`
 */
export async function connectionOptions(
  config: Pick<BrokersConfig, 'tls' | 'sasl'>,
  broker: BrokerAddress,
): Promise<Pick<ConnectionOptions, 'tls' | 'tlsServerName' | 'sasl'>> {
  return {
    ...(config.tls === undefined ? {} : await tlsOptions(config.tls, broker)),
    ...(config.sasl === undefined ? {} : { sasl: await saslOptions(config.sasl) }),
  }
}

async function tlsOptions(
  tls: TlsConfig,
  broker: BrokerAddress,
): Promise<Pick<ConnectionOptions, 'tls' | 'tlsServerName'>> {
  // A server name is never an IP address; a certificate is then held against the address itself.
  const name = tls.server_name ?? (isIP(broker.host) === 0 ? broker.host : undefined)
  return { tls: await readTlsFiles(tls), ...(name === undefined ? {} : { tlsServerName: name }) }
}

async function saslOptions(sasl: SaslConfig): Promise<NonNullable<ConnectionOptions['sasl']>> {
  if (sasl.mechanism === 'oauthbearer') {
    const token = () => readSecret('token', sasl.token_file, sasl.token_env)
    // Read once now for an error that says what is wrong; each later sign-in on the connection reads it anew.
    await token()
    return { mechanism: 'OAUTHBEARER', token }
  }
  const password = () => readSecret('password', sasl.password_file, sasl.password_env)
  await password()
  const mechanism = sasl.mechanism.toUpperCase() as 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  return { mechanism, username: sasl.username ?? '', password }
}
