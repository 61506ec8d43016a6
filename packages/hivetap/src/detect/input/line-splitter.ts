const NEWLINE = 0x0a
/** Bytes of a line at most: the longest that is held. */
export const MOST_LINE = 64 * 1024

/** Given a line, without its end: the bytes stand there until it returns. */
export interface LineTaker {
  line(bytes: Buffer, from: number, to: number): void
  /** A line that was longer than is held; its beginning. */
  tooLong(bytes: Buffer, from: number, to: number): void
}

/** Cuts bytes into lines. Of a line that ends in a later piece, at most 64 KiB are kept. */
export class LineSplitter {
  readonly #taker: LineTaker
  #held: Buffer = Buffer.alloc(0)
  #length = 0
  #skips = false

  constructor(taker: LineTaker) {
    this.#taker = taker
  }

  take(bytes: Uint8Array): void {
    const buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let from = 0
    for (let at = buffer.indexOf(NEWLINE); at >= 0; at = buffer.indexOf(NEWLINE, from)) {
      this.#ended(buffer, from, at)
      from = at + 1
    }
    if (from < buffer.length) this.#hold(buffer, from)
  }

  /** What stands behind the last end of a line is a line too. */
  end(): void {
    if (this.#length > 0) this.#ended(this.#held, 0, 0)
    this.#skips = false
  }

  #ended(bytes: Buffer, from: number, to: number): void {
    if (this.#skips) {
      this.#skips = false
      return
    }
    if (this.#length === 0) {
      if (to - from > MOST_LINE) this.#taker.tooLong(bytes, from, to)
      else this.#taker.line(bytes, from, to)
      return
    }
    if (this.#hold(bytes, from, to)) this.#taker.line(this.#held, 0, this.#length)
    else this.#skips = false
    this.#length = 0
  }

  /** @returns whether it can be held */
  #hold(bytes: Buffer, from: number, to: number = bytes.length): boolean {
    if (this.#skips) return false
    const length = this.#length + to - from
    if (length > MOST_LINE) {
      if (this.#length > 0) this.#taker.tooLong(this.#held, 0, this.#length)
      else this.#taker.tooLong(bytes, from, to)
      this.#length = 0
      this.#skips = true
      return false
    }
    if (length > this.#held.length) this.#grow(length)
    bytes.copy(this.#held, this.#length, from, to)
    this.#length = length
    return true
  }

  #grow(length: number): void {
    const grown = Buffer.alloc(Math.min(MOST_LINE, Math.max(4096, length * 2)))
    this.#held.copy(grown, 0, 0, this.#length)
    this.#held = grown
  }
}
