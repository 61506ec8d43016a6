import { BoundedParts } from './bounded-parts.js'

const NEWLINE = 0x0a

/** Cuts what comes in pieces into lines, each held once it is whole, and none that is longer than a bound. */
export class LineSplitter {
  readonly #line: BoundedParts

  /** @param mostBytes of a line */
  constructor(mostBytes: number) {
    this.#line = new BoundedParts(mostBytes)
  }

  /** Whether a line has begun that has not ended. */
  get isWithinLine(): boolean {
    return this.#line.bytes > 0
  }

  /** The lines that end in this piece, without their ends; `undefined` for one that was too long. Empty ones are left out. */
  *push(chunk: Buffer): Generator<Buffer | undefined, void, undefined> {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#line.add(chunk.subarray(start, end))
      start = end + 1
      if (this.#line.bytes > 0) yield this.#line.take()
    }
    this.#line.add(chunk.subarray(start))
  }
}
