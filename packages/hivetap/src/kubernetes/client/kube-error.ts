/**
 * What kept the API server from answering, in a word:
 *
 * - `config_wrong`, `credentials_unusable`: what we are told of the cluster, or who we are to it, cannot be used.
 * - `unreachable`, `tls_failed`: no connection.
 * - `silent`: a connection, on which nothing came for too long.
 * - `unauthorized`, `forbidden`, `not_found`: 401, 403, 404.
 * - `expired`: 410; what is asked for is too old, and is to be listed anew.
 * - `rate_limited`: 429.
 * - `server_failed`: 408, 5xx, or an answer that was cut off.
 * - `redirected`: 3xx; not followed.
 * - `refused`: another 4xx.
 * - `answer_wrong`, `too_large`: an answer that is not one of this API, or more than we take.
 */
export type KubeErrorKind =
  | 'config_wrong'
  | 'credentials_unusable'
  | 'unreachable'
  | 'tls_failed'
  | 'silent'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'expired'
  | 'rate_limited'
  | 'server_failed'
  | 'redirected'
  | 'refused'
  | 'answer_wrong'
  | 'too_large'

/** What is known of a {@link KubeError} besides its message. */
export interface KubeErrorDetails {
  /** The answer's HTTP status, or the code of the `Status` that it was. */
  readonly status?: number
  /** How long the server asks to be left alone, milliseconds. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** A request to the API server that came to nothing: the message says what was asked, of whom, why it failed and what to do. */
export class KubeError extends Error {
  readonly kind: KubeErrorKind
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(kind: KubeErrorKind, message: string, details: KubeErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.kind = kind
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
  }
}
