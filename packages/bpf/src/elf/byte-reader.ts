/** A bounds-checked, little-endian view of bytes: every read past the end is the caller's typed error. */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly #fail: (message: string) => Error
  readonly #longestString: number

  /**
   * @param bytes what to read
   * @param fail makes the error that a read past the end throws
   * @param longestString bytes that a string may have: without a bound, a few names that all end where the bytes end
   *   make a small file take a large one's memory, over and over
   */
  constructor(bytes: Uint8Array, fail: (message: string) => Error, longestString = 1024) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#fail = fail
    this.#longestString = longestString
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
    const bytes = this.bytes.subarray(offset, offset + this.#longestString + 1)
    const end = bytes.indexOf(0)
    if (end < 0) {
      const why =
        bytes.length > this.#longestString ? `is longer than ${this.#longestString} bytes` : 'has no end'
      throw this.#fail(`${what} at offset ${offset} ${why}`)
    }
    return decodeText(bytes.subarray(0, end))
  }
}

// A mark of byte order in front is a character like any other.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

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
