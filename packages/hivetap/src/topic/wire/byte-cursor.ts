/** Tagged fields of an answer, or bytes of one, at most: more is no answer. */
const MOST = 2 ** 31 - 1

/** Reads values of Kafka's protocol, one after the other. @throws {RangeError} behind the end, or where a number is too large */
export class ByteCursor {
  readonly bytes: Buffer
  at: number

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  int8(): number {
    return this.bytes.readInt8(this.#passed(1))
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#passed(2))
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#passed(4))
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.#passed(4))
  }

  /** As a number: offsets and times are far from where it would not hold them. */
  int64(): number {
    const value = this.anyInt64()
    if (!Number.isSafeInteger(value)) throw new RangeError(`A number of an answer is too large: ${value}`)
    return value
  }

  /** As near as a number comes to it. */
  anyInt64(): number {
    const at = this.#passed(8)
    return this.bytes.readInt32BE(at) * 2 ** 32 + this.bytes.readUInt32BE(at + 4)
  }

  /** Seven bits a byte, the lowest first. */
  unsignedVarint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.bytes.readUInt8(this.#passed(1))
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
      scale *= 128
      if (scale > MOST) throw new RangeError('A length of an answer has no end.')
    }
    if (value > MOST + 1) throw new RangeError(`A length of an answer is too large: ${value}`)
    return value
  }

  /** Bytes of what is counted by a length and one more; `undefined` for none. They are not copied. */
  compactBytes(): Buffer | undefined {
    const length = this.unsignedVarint() - 1
    return length < 0 ? undefined : this.take(length)
  }

  compactString(): string {
    return this.compactBytes()?.toString('utf8') ?? ''
  }

  /** A text whose length has two bytes. */
  string(): string {
    const length = this.int16()
    return length < 0 ? '' : this.take(length).toString('utf8')
  }

  /** Items, of which there is one less than is said first. */
  compactArray<T>(read: () => T): T[] {
    const items: T[] = []
    for (let left = this.unsignedVarint() - 1; left > 0; left--) items.push(read())
    return items
  }

  /** Fields that not all readers know. */
  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint()
      this.take(this.unsignedVarint())
    }
  }

  take(length: number): Buffer {
    const at = this.#passed(length)
    return this.bytes.subarray(at, at + length)
  }

  #passed(length: number): number {
    const { at } = this
    if (at + length > this.bytes.length) throw new RangeError('An answer ends too soon.')
    this.at = at + length
    return at
  }
}
