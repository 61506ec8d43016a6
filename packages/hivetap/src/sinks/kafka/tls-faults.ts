/** Codes of errors that Node and OpenSSL give for what is wrong with encryption. */
const TLS_CODES =
  /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|UNABLE_TO_VERIFY|HOSTNAME_MISMATCH|INVALID_CA|ERR_OSSL)/

/** What the other side says of our certificate before it ends the connection: RFC 8446, 6.2. */
const ASKED = /CERTIFICATE_REQUIRED/
const REFUSED =
  /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/
/** What OpenSSL says of our own files before anything is sent. */
const OWN_FILES = /^ERR_OSSL_/

/** What is wrong with the encryption of a connection: what it is called, and a sentence that says what to do; `undefined` if it is not that. */
export function tlsFault(
  causes: readonly Record<string, unknown>[],
  attempt: { readonly brokers: string; readonly hasCertificate?: boolean | undefined },
): readonly [kind: string, message: string] | undefined {
  const { brokers } = attempt
  const tls = causes.find(({ code }) => TLS_CODES.test(String(code)))
  if (tls === undefined) {
    const handshake = causes.find(({ message }) => String(message).startsWith('TLS handshake'))
    return handshake === undefined ? undefined : notEncrypted(brokers, handshake)
  }
  const code = String(tls['code'])
  const why = String(tls['reason'] ?? tls['message'])
  const isRefused = REFUSED.test(code)
  // Before TLS 1.3 there was no word for a certificate that is missing but that it is bad.
  if (ASKED.test(code) || (isRefused && attempt.hasCertificate === false))
    return [
      'certificate_refused',
      `${brokers} asks for a certificate of ours: name its files in tls, as cert_file and key_file.`,
    ]
  if (isRefused)
    return [
      'certificate_refused',
      `${brokers} does not take our certificate (${why}): see that cert_file is valid, and of an authority that the brokers trust. It is read anew for the next try.`,
    ]
  if (OWN_FILES.test(code))
    return [
      'certificate_unusable',
      `The files of tls cannot be used (${why}): see that key_file holds the key of the certificate in cert_file, both in PEM. They are read anew for the next try.`,
    ]
  return notEncrypted(brokers, tls)
}

function notEncrypted(brokers: string, cause: Record<string, unknown>): readonly [string, string] {
  const why = String(cause['reason'] ?? cause['message'])
  return [
    'tls_failed',
    `No encrypted connection with ${brokers}: ${why}. See ca_file, server_name, and that the port speaks TLS.`,
  ]
}
