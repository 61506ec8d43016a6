import { isEpochId } from '../../stream/epoch-id.js'

/** Bytes of a UUID. */
export const UUID_BYTES = 16

/** @throws {RangeError} if it is not a UUID in lower case */
export function checkUuid(text: string): void {
  if (!isEpochId(text))
    throw new RangeError(`Cannot use epoch ${JSON.stringify(text)}: an epoch is a UUID in lower case`)
}

/** Writes a UUID that was checked. */
export function writeUuid(bytes: Buffer, offset: number, uuid: string): void {
  bytes.write(uuid.replaceAll('-', ''), offset, UUID_BYTES, 'hex')
}

export function readUuid(bytes: Buffer, offset: number): string {
  const hex = bytes.toString('hex', offset, offset + UUID_BYTES)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
