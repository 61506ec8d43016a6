import type { Output } from './output.js'

/** Lines on their way to an output, each with what it tells of: so that what was written is counted for whom it is of. */
export class ToldLines<T> {
  readonly #output: Output
  #text = ''
  #lines = 0
  /** Of the lines that are not known to be written, in their order. */
  #waiting: T[] = []
  #counted = 0

  /** @param output on which no other line counts */
  constructor(output: Output) {
    this.#output = output
  }

  /** @param line with its newline */
  add(line: string, of: T): void {
    this.#text += line
    this.#lines++
    this.#waiting.push(of)
  }

  /** Hands what was added to the output, in one piece. */
  write(): void {
    this.#output.write(this.#text, this.#lines)
    this.#text = ''
    this.#lines = 0
  }

  /** What the lines tell of that were written since this was asked last, in their order. */
  takeWritten(): readonly T[] {
    const written = this.#output.lines - this.#counted
    this.#counted += written
    return this.#waiting.splice(0, written)
  }
}
