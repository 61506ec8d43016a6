/**
 * The fields of a Protobuf message by their numbers, read by the wire format alone: varints and fixed64 as they stand,
 * what has a length as its bytes. Of a field that comes again, the last.
 */
export function readWire(bytes: Buffer): Map<number, bigint | Buffer> {
  const fields = new Map<number, bigint | Buffer>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const kind = tag & 7
    if (kind === 0) fields.set(tag >> 3, varint())
    else if (kind === 1) {
      fields.set(tag >> 3, bytes.readBigUInt64LE(at))
      at += 8
    } else if (kind === 2) {
      const length = Number(varint())
      fields.set(tag >> 3, bytes.subarray(at, at + length))
      at += length
    } else throw new Error(`Wire type ${kind} at ${at}.`)
  }
  return fields
}
