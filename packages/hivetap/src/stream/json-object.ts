/** An object of JSON, of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>

// Bytes that are no UTF-8 are no JSON; nor is what begins with a byte order mark.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @returns `undefined` if the bytes are not the JSON of an object, in UTF-8 */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    return asJsonObject(JSON.parse(utf8.decode(bytes)))
  } catch {
    return undefined
  }
}

/** @returns `undefined` if it is no object, such as a list */
export function asJsonObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}
