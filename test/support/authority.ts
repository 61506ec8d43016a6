import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A certificate and its key, PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** Who signs certificates. */
export interface Authority {
  /** PEM. */
  readonly ca: string
  sign(name: string, extension: string): Promise<KeyPair>
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Makes an authority that is good for a day, with openssl. Its files, `ca.pem` and `NAME.pem` with `NAME.key`, stand in a folder. */
export async function makeAuthority(folder: string, name: string): Promise<Authority> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder })
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  await openssl(
    ...['req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '1', '-subj', `/CN=${name}`],
    ...['-addext', 'basicConstraints=critical,CA:TRUE'],
  )
  return {
    ca: read('ca.pem'),
    sign: async (who, extension) => {
      writeFileSync(join(folder, `${who}.ext`), `${extension}\n`)
      await openssl('req', ...KEY, '-keyout', `${who}.key`, '-out', `${who}.csr`, '-subj', `/CN=${who}`)
      await openssl(
        ...['x509', '-req', '-in', `${who}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
        ...['-days', '1', '-extfile', `${who}.ext`, '-out', `${who}.pem`],
      )
      return { cert: read(`${who}.pem`), key: read(`${who}.key`) }
    },
  }
}
