/** Bytes of a number as an unsigned varint, of seven bits a byte. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
  return bytes
}

/**
 * Writes a whole number from 0 to 2^53 as an unsigned varint: seven bits a byte, the low ones first.
 *
 * @returns where it ends
 */
export function writeVarint(bytes: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80
  bytes[at++] = rest
  return at
}

/** A number of either sign as one of none, small where it is near zero: 0, -1, 1, -2 are 0, 1, 2, 3. To 2^52 from zero. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
