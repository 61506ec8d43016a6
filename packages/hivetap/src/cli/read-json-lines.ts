import { createReadStream } from 'node:fs'
import type { Accountant } from '../audit/accountant.js'
import { unreadable } from '../audit/audit-record.js'
import { InputError } from '../topic/input-error.js'

const NEWLINE = 0x0a
/** Bytes that are read at once. */
const PIECE = 1 << 20
/** Bytes of a line at most: more is read and thrown away, as one record that is too long. */
const MOST_LINE = 16 * 1024 * 1024

/**
 * Has an accountant take each line of a file. Empty lines are passed over.
 *
 * @param path of the file; `-` is standard input
 * @param progress called now and then
 * @throws {InputError} if it cannot be opened or read
 */
export async function readJsonLines(
  path: string,
  accountant: Accountant,
  progress: () => void,
): Promise<void> {
  const lines = new Lines(accountant)
  const stream =
    path === '-'
      ? createReadStream('', { fd: 0, autoClose: false, highWaterMark: PIECE })
      : createReadStream(path, { highWaterMark: PIECE })
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      lines.take(piece)
      progress()
    }
  } catch (error) {
    throw new InputError(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  }
  lines.end()
}

/** Cuts pieces into lines. */
class Lines {
  readonly #accountant: Accountant
  /** Pieces of a line whose end has not come. */
  #begun: Buffer[] = []
  #begunBytes = 0
  #isTooLong = false
  #number = 1

  constructor(accountant: Accountant) {
    this.#accountant = accountant
  }

  take(piece: Buffer): void {
    let from = 0
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      this.#begin(piece.subarray(from, end))
      this.end()
      from = end + 1
    }
    if (from < piece.length) this.#begin(piece.subarray(from))
  }

  /** The line that was begun is whole. */
  end(): void {
    const place = () => `line ${this.#number}`
    if (this.#isTooLong) this.#accountant.takeRecord(unreadable('too_long'), place)
    else if (this.#begunBytes > 0) {
      const [first] = this.#begun
      const line = this.#begun.length === 1 && first !== undefined ? first : Buffer.concat(this.#begun)
      this.#accountant.take(line, place)
    }
    this.#begun = []
    this.#begunBytes = 0
    this.#isTooLong = false
    this.#number++
  }

  #begin(part: Buffer): void {
    this.#begunBytes += part.length
    if (this.#begunBytes > MOST_LINE) this.#isTooLong = true
    if (this.#isTooLong) this.#begun = []
    else if (part.length > 0) this.#begun.push(part)
  }
}
