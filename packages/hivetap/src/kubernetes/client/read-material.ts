import { readSmallFile } from '../../io/read-small-file.js'
import { type PemKind, pemFault } from '../../settings/pem.js'
import type { Material } from './cluster-access.js'
import { KubeError } from './kube-error.js'

/** A file of this size is no token and no list of authorities: it is not read. */
const MOST_BYTES = 1 << 20

/**
 * The certificates or the key that something holds, read anew each time, since they are replaced.
 *
 * @throws {KubeError} `credentials_unusable` if it cannot be read, or is not what it is to be
 */
export async function readPem(kind: PemKind, material: Material): Promise<string> {
  const text = material.kind === 'inline' ? material.text : await readMaterialFile(material.path)
  const fault = pemFault(kind, text)
  if (fault === undefined) return text
  const from = material.kind === 'inline' ? material.said : material.path
  throw unusable(`Cannot use the ${kind} in ${from}: ${fault}.`)
}

/**
 * The text of a file that says who we are, or whom we trust.
 *
 * @throws {KubeError} `credentials_unusable`
 */
export async function readMaterialFile(path: string): Promise<string> {
  try {
    return await readSmallFile(path, MOST_BYTES)
  } catch (error) {
    throw unusable(
      `Cannot read ${path}: ${(error as Error).message}. Put the file there, readable for this process.`,
      error,
    )
  }
}

/** The error of something that says who we are, or whom we trust, and cannot be used; the message never holds it. */
export function unusable(message: string, cause?: unknown): KubeError {
  return new KubeError('credentials_unusable', message, { cause })
}
