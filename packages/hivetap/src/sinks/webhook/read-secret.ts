import { readFile, stat } from 'node:fs/promises'
import { validateHeaderValue } from 'node:http'
import { DeliveryError } from '../../delivery/destination.js'

const MOST_BYTES = 65_536

/**
 * What a file holds: read anew each time, since secrets are replaced.
 *
 * @throws {DeliveryError}
 */
export async function readSecret(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MOST_BYTES) throw new Error(`is larger than ${MOST_BYTES} bytes`)
    return await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(path, (error as Error).message, error)
  }
}

/** The value of a header that stands in a file; the newline at its end is no part of it. */
export async function readHeader(name: string, path: string): Promise<string> {
  const value = (await readSecret(path)).trim()
  try {
    if (value === '') throw new Error('is empty')
    validateHeaderValue(name, value)
    return value
  } catch (error) {
    // What Node says of a value does not hold it.
    throw unreadable(path, value === '' ? 'is empty' : 'is not a value for a header', error)
  }
}

function unreadable(path: string, why: string, cause: unknown): DeliveryError {
  return new DeliveryError('secret_unreadable', `Cannot use ${path}: ${why}`, { passing: false, cause })
}
