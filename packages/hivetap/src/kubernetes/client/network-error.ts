import { printable } from '../../stream/printable.js'
import { type Asked, cannot } from './asked.js'
import { KubeError } from './kube-error.js'
import { Silence } from './silence.js'

/** Codes of errors that Node and OpenSSL give for what is wrong with encryption. */
const TLS_CODES =
  /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_OSSL)/
const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL|EMFILE)/
const CUT = /^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/

/** What ended a request before it was answered whole, in words. */
export function networkError(error: unknown, asked: Asked): KubeError {
  if (error instanceof KubeError) return error
  const details = { cause: error }
  const start = cannot(asked)
  const message = messageOf(error)
  if (error instanceof Silence)
    return new KubeError(
      'silent',
      `${start}: ${message}. See whether the server hangs, or something between keeps what it says.`,
      details,
    )
  const code = codeOf(error)
  if (TLS_CODES.test(code))
    return new KubeError('tls_failed', `${start}: ${message}. ${tlsHint(code)}`, details)
  if (CUT.test(code))
    return new KubeError('server_failed', `${start}: the connection was cut (${code}).`, details)
  if (UNREACHABLE.test(code))
    return new KubeError(
      'unreachable',
      `${start}: ${message}. See that the server runs, and that the network lets us reach it.`,
      details,
    )
  if (/^(HPE_|Z_|ERR_HTTP)/.test(code))
    return new KubeError(
      'answer_wrong',
      `${start}: what came is not as HTTP has it (${message}). Does an API server stand there, and does it expect TLS?`,
      details,
    )
  return new KubeError('unreachable', `${start}: ${message}.`, details)
}

function tlsHint(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'Its certificate is for other names: use one of them as the address, or give it as tls-server-name.'
  if (code.startsWith('CERT_HAS_EXPIRED') || code.startsWith('CERT_NOT_YET_VALID'))
    return 'See the clock of this host, and whether the server’s certificate was renewed.'
  if (/ALERT|ERR_OSSL/.test(code)) return 'See the client certificate and its key.'
  return 'See that the authorities given (certificate-authority, or ca.crt of the service account) are the server’s.'
}

function codeOf(error: unknown): string {
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: readonly unknown[] }
  // Several addresses were tried: each has an error of its own.
  if (code === undefined && Array.isArray(errors) && errors.length > 0) return codeOf(errors[0])
  return String(code ?? '')
}

function messageOf(error: unknown): string {
  const { message, errors } = error as { readonly message?: unknown; readonly errors?: readonly unknown[] }
  if (!message && Array.isArray(errors) && errors.length > 0) return messageOf(errors[0])
  return printable(String(message ?? error).slice(0, 300))
}
