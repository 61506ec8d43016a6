import { type PemKind, pemFault } from '../../settings/pem.js'
import { readSecretFile, unreadable } from './read-secret.js'

/**
 * The certificates or the key of a file; `undefined` where no file is named.
 *
 * @throws {DeliveryError} `secret_unreadable` if it cannot be read, or is not what it is to be
 */
export async function readPem(kind: PemKind, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  const text = await readSecretFile(path)
  const why = pemFault(kind, text)
  if (why !== undefined) throw unreadable(`Cannot use ${path}: ${why}. It is read anew for the next try.`)
  return text
}
