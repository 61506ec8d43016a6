/** Bytes that come in pieces and are one thing, such as an object's JSON: no more of them are kept than a bound. */
export class BoundedParts {
  readonly #mostBytes: number
  #parts: Buffer[] = []
  #bytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** Bytes of it so far, also of those that were not kept. */
  get bytes(): number {
    return this.#bytes
  }

  add(part: Buffer): void {
    if (part.byteLength === 0) return
    this.#bytes += part.byteLength
    if (this.#bytes > this.#mostBytes) this.#parts = []
    else this.#parts.push(part)
  }

  /** All of it, and begins the next; `undefined` if it was more than the bound. */
  take(): Buffer | undefined {
    const [first] = this.#parts
    const whole =
      this.#bytes > this.#mostBytes
        ? undefined
        : this.#parts.length === 1 && first !== undefined
          ? first
          : Buffer.concat(this.#parts, this.#bytes)
    this.#parts = []
    this.#bytes = 0
    return whole
  }
}
