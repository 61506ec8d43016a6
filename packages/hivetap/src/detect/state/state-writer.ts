/** Writes whole numbers as bytes of seven bits each, the lowest first; the top bit says that more follow (LEB128). */
export class StateWriter {
  #bytes = new Uint8Array(64)
  #length = 0

  /** @param value whole, 0 … 2^53 - 1 */
  number(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow()
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#length++] = rest
  }

  /** Puts bytes behind it as they are. */
  raw(bytes: Uint8Array): void {
    while (this.#length + bytes.length > this.#bytes.length) this.#grow()
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** All that was written: a copy of its own. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(): void {
    const more = new Uint8Array(this.#bytes.length * 2)
    more.set(this.#bytes)
    this.#bytes = more
  }
}
