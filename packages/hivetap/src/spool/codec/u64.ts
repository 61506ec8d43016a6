const HIGH = 2 ** 32

/** Writes a whole number below 2^53 as 64 bits, little-endian. */
export function writeU64(bytes: Buffer, offset: number, value: number): void {
  const high = Math.floor(value / HIGH)
  bytes.writeUInt32LE(value - high * HIGH, offset)
  bytes.writeUInt32LE(high, offset + 4)
}

/** The number that stands there; not a safe integer where it is above 2^53: whoever reads checks. */
export function readU64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset + 4) * HIGH + bytes.readUInt32LE(offset)
}
