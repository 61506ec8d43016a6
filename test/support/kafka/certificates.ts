import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeAuthority } from '../authority.js'

/** Certificates that were made for a test. */
export interface Certificates {
  /** The authority that signed: what clients trust. */
  readonly caFile: string
  /** The key, the certificate and the authority of `localhost` and 127.0.0.1, in one PEM file. */
  readonly keyStore: string
  /** A certificate and key by which a client shows who it is. */
  readonly clientCertFile: string
  readonly clientKeyFile: string
}

/** Makes an authority, a certificate for a broker and one for a client, good for a day, with openssl. */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const path = (name: string) => join(directory, name)
  const authority = await makeAuthority(directory, 'hivetap test authority')
  const broker = await authority.sign('broker', 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  await authority.sign('client', 'extendedKeyUsage=clientAuth')
  writeFileSync(path('broker-store.pem'), broker.key + broker.cert + authority.ca, { mode: 0o600 })
  return {
    caFile: path('ca.pem'),
    keyStore: path('broker-store.pem'),
    clientCertFile: path('client.pem'),
    clientKeyFile: path('client.key'),
  }
}
