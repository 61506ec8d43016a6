import { validateHeaderValue } from 'node:http'
import { readSecretFile, unreadable } from '../secrets/read-secret.js'

/**
 * The value of a header that stands in a file; the newline at its end is no part of it.
 *
 * @throws {DeliveryError} `secret_unreadable`
 */
export async function readHeader(name: string, path: string): Promise<string> {
  const value = (await readSecretFile(path)).trim()
  if (value === '') throw unreadable(`Cannot use ${path}: is empty`)
  return checkHeader(name, value, path)
}

/** @param place where it stands, for the error: what Node says of a value does not hold it, nor does this */
export function checkHeader(name: string, value: string, place: string): string {
  try {
    validateHeaderValue(name, value)
    return value
  } catch (error) {
    throw unreadable(`Cannot use ${place}: is not a value for a header`, error)
  }
}
