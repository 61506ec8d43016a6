/** A bounds-checked, little-endian view of bytes: every read past the end is the caller's typed error. */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly #fail: (message: string) => Error

  /**
   * @param bytes what to read
   * @param fail makes the error that a read past the end throws
   */
  constructor(bytes: Uint8Array, fail: (message: string) => Error) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#fail = fail
  }

  get length(): number {
    return this.bytes.byteLength
  }

  /** Throws unless `[offset, offset + size)` lies inside; `what` names the thing in the message. */
  need(offset: number, size: number, what: string): void {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.length)) {
      throw this.#fail(
        `${what} at offset ${offset}, ${size} bytes long, ends past the ${this.length} bytes there are`,
      )
    }
  }

  u8(offset: number, what: string): number {
    this.need(offset, 1, what)
    return this.view.getUint8(offset)
  }

  u16(offset: number, what: string): number {
    this.need(offset, 2, what)
    return this.view.getUint16(offset, true)
  }

  u32(offset: number, what: string): number {
    this.need(offset, 4, what)
    return this.view.getUint32(offset, true)
  }

  i32(offset: number, what: string): number {
    this.need(offset, 4, what)
    return this.view.getInt32(offset, true)
  }

  u64(offset: number, what: string): bigint {
    this.need(offset, 8, what)
    return this.view.getBigUint64(offset, true)
  }

  /** A 64-bit offset or size as a number; what no file can hold becomes a failed bounds check later. */
  size64(offset: number, what: string): number {
    const value = this.u64(offset, what)
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
  }

  slice(offset: number, size: number, what: string): Uint8Array {
    this.need(offset, size, what)
    return this.bytes.subarray(offset, offset + size)
  }

  /** The NUL-terminated string at `offset`, as UTF-8. */
  cString(offset: number, what: string): string {
    this.need(offset, 1, what)
    const end = this.bytes.indexOf(0, offset)
    if (end < 0) throw this.#fail(`${what} at offset ${offset} has no end`)
    return decodeText(this.bytes.subarray(offset, end))
  }
}

const utf8 = new TextDecoder()

function decodeText(bytes: Uint8Array): string {
  // Names are short and ASCII: twice as fast as TextDecoder up to some thirty bytes.
  if (bytes.length > 32) return utf8.decode(bytes)
  let text = ''
  for (const byte of bytes) {
    if (byte >= 0x80) return utf8.decode(bytes)
    text += String.fromCharCode(byte)
  }
  return text
}
