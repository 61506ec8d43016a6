import { BoundedParts } from '../../kubernetes/client/bounded-parts.js'

const NEWLINE = 10

/**
 * Cuts a stream of bytes into lines. A line that is longer than `most` is thrown away whole, and counted: what a node tells is
 * no reason to run out of memory.
 */
export class Lines {
  /** Lines that were too long. */
  tooLong = 0
  readonly #line: BoundedParts

  constructor(most: number) {
    this.#line = new BoundedParts(most)
  }

  /** Whether something stands here that has no end yet. */
  get partial(): boolean {
    return this.#line.bytes > 0
  }

  /** The lines that end in these bytes, without their newlines. */
  *add(bytes: Buffer): Generator<Buffer> {
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#line.add(bytes.subarray(from, end))
      from = end + 1
      const line = this.#line.take()
      if (line === undefined) this.tooLong++
      else yield line
    }
    this.#line.add(bytes.subarray(from))
  }
}
