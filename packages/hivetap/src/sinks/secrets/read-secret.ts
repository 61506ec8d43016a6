import { DeliveryError } from '../../delivery/destination.js'
import { readSmallFile } from '../../io/read-small-file.js'

/** A file of this size is no secret, and no list of authorities: it is not read. */
const MOST_BYTES = 1 << 20

/**
 * What a file holds: read anew each time, since secrets and certificates are replaced.
 *
 * @throws {DeliveryError} `secret_unreadable`
 */
export async function readSecretFile(path: string): Promise<string> {
  try {
    return await readSmallFile(path, MOST_BYTES)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw unreadable(`Cannot read ${path}: ${why}. Put the file there, readable for this process.`, error)
  }
}

/**
 * A secret that stands in a file, or else in a variable of the environment. The newline at its end is no part of it.
 *
 * @param what it is called in errors: `password`, `token`
 * @throws {DeliveryError} `secret_unreadable`
 */
export async function readSecret(
  what: string,
  file: string | undefined,
  variable: string | undefined,
): Promise<string> {
  const text = file === undefined ? process.env[variable ?? ''] : await readSecretFile(file)
  if (text === undefined)
    throw unreadable(`The environment variable ${variable}, which holds the ${what}, is not set.`)
  // Editors and `echo` put a newline at the end.
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw unreadable(`The ${what} in ${file ?? variable} is empty.`)
  return secret
}

/** The error of a secret that cannot be used; the message never holds it. */
export function unreadable(message: string, cause?: unknown): DeliveryError {
  return new DeliveryError('secret_unreadable', message, { passing: false, cause })
}
