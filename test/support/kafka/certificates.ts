import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

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
  const openssl = (...args: string[]) => run('openssl', args, { cwd: directory })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl(
    ...['req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '1'],
    ...['-subj', '/CN=hivetap test authority', '-addext', 'basicConstraints=critical,CA:TRUE'],
  )
  for (const [name, names] of [
    ['broker', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ['client', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    writeFileSync(path(`${name}.ext`), `${names}\n`)
    await openssl('req', ...key, ...['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`])
    await openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', '1', '-extfile', `${name}.ext`, '-out', `${name}.pem`],
    )
  }
  const parts = ['broker.key', 'broker.pem', 'ca.pem'].map((name) => readFileSync(path(name), 'utf8'))
  writeFileSync(path('broker-store.pem'), parts.join(''), { mode: 0o600 })
  return {
    caFile: path('ca.pem'),
    keyStore: path('broker-store.pem'),
    clientCertFile: path('client.pem'),
    clientKeyFile: path('client.key'),
  }
}
