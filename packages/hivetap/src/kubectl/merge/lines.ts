const NEWLINE = 10

/**
 * Cuts a stream of bytes into lines. A line that is longer than `most` is thrown away whole, and counted: what a node tells is
 * no reason to run out of memory.
 */
export class Lines {
  /** Lines that were too long. */
  tooLong = 0
  readonly #most: number
  #parts: Buffer[] = []
  #bytes = 0
  #skipping = false

  constructor(most: number) {
    this.#most = most
  }

  /** Whether something stands here that has no end yet. */
  get partial(): boolean {
    return this.#bytes > 0 || this.#skipping
  }

  /** The lines that end in these bytes, without their newlines. */
  *add(bytes: Buffer): Generator<Buffer> {
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const line = this.#finish(bytes.subarray(from, end))
      from = end + 1
      if (line !== undefined) yield line
    }
    this.#keep(bytes.subarray(from))
  }

  #finish(last: Buffer): Buffer | undefined {
    const isLong = this.#skipping || this.#bytes + last.byteLength > this.#most
    const line = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last])
    this.#parts = []
    this.#bytes = 0
    this.#skipping = false
    if (!isLong) return line
    this.tooLong++
    return undefined
  }

  #keep(rest: Buffer): void {
    if (this.#skipping || rest.byteLength === 0) return
    this.#bytes += rest.byteLength
    if (this.#bytes <= this.#most) {
      this.#parts.push(rest)
      return
    }
    this.#parts = []
    this.#bytes = 0
    this.#skipping = true
  }
}
