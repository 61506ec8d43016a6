import { z } from 'zod'
import { unusable } from './read-material.js'

const schema = z.object({
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().min(1).optional(),
    clientCertificateData: z.string().min(1).optional(),
    clientKeyData: z.string().min(1).optional(),
    expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
  }),
})

/** What a plugin said that we are, and until when. */
export interface ExecCredential {
  readonly token?: string
  /** PEM, as is the key. */
  readonly certificate?: string
  readonly key?: string
  /** Milliseconds since 1970; without, until the server refuses it. */
  readonly expiresMs?: number
}

/**
 * Reads what a plugin wrote.
 *
 * @param said how the plugin is called in errors, which never hold what it wrote
 * @throws {KubeError} `credentials_unusable`
 */
export function parseExecCredential(text: string, said: string): ExecCredential {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unusable(`${said} wrote no JSON: it is to write an ExecCredential to standard output.`)
  }
  const read = schema.safeParse(value)
  if (!read.success)
    throw unusable(
      `${said} wrote no ExecCredential with a status: ${read.error.issues[0]?.path.join('.') || 'all of it'} is not as it should be.`,
    )
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = read.data.status
  if ((clientCertificateData === undefined) !== (clientKeyData === undefined))
    throw unusable(`${said} wrote a certificate without its key, or a key alone.`)
  if (token === undefined && clientCertificateData === undefined)
    throw unusable(`${said} wrote neither a token nor a certificate.`)
  return {
    ...(token === undefined ? {} : { token }),
    ...(clientCertificateData === undefined ? {} : { certificate: clientCertificateData }),
    ...(clientKeyData === undefined ? {} : { key: clientKeyData }),
    ...(expirationTimestamp == null ? {} : { expiresMs: Date.parse(expirationTimestamp) }),
  }
}
