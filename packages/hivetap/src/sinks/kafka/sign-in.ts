import type { ConnectionOptions, SASLOptions } from '@platformatic/kafka'
import type { KafkaLibrary } from './broker-connection.js'

type Authenticator = NonNullable<SASLOptions['authenticate']>

/**
 * A connection's options, with which it signs in once and never again. The library would sign in anew while the connection
 * goes on being used: brokers take no other request in between, and end the connection. It would do so over and over where a
 * sign-in stands for more than 25 days, which is longer than a timer can wait. Whoever uses the connection makes a new one in
 * time.
 *
 * @param told is given how long the brokers let the sign-in stand, milliseconds; not called where they set no bound
 */
export function signingInOnce<T extends Pick<ConnectionOptions, 'sasl'>>(
  kafka: KafkaLibrary,
  options: T,
  told: (lifetimeMs: number) => void = () => undefined,
): T {
  const { sasl } = options
  if (sasl === undefined) return options
  const authenticate: Authenticator = (
    mechanism,
    connection,
    api,
    username = '',
    password = '',
    token = '',
    done,
  ) => {
    const answered: typeof done = (error, response) => {
      if (error !== null || response === undefined) return done(error, response)
      const { sessionLifetimeMs, authBytes } = response
      // RFC 7628: a token that is refused is answered with why, which the library takes for consent.
      if (mechanism === 'OAUTHBEARER' && authBytes.length > 0)
        return done(new kafka.AuthenticationError('The token was refused.'), undefined)
      if (sessionLifetimeMs > 0n) told(Number(sessionLifetimeMs))
      done(null, { ...response, sessionLifetimeMs: 0n })
    }
    const { saslOAuthBearer, saslPlain, saslScramSha } = kafka
    if (mechanism === 'OAUTHBEARER') saslOAuthBearer.authenticate(api, connection, token, {}, answered)
    else if (mechanism === 'PLAIN') saslPlain.authenticate(api, connection, username, password, answered)
    else {
      const algorithm = mechanism === 'SCRAM-SHA-256' ? 'SHA-256' : 'SHA-512'
      const { defaultCrypto } = saslScramSha
      saslScramSha.authenticate(api, connection, algorithm, username, password, defaultCrypto, answered)
    }
  }
  return { ...options, sasl: { ...sasl, authenticate } }
}
