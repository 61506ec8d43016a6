import { DetectStateError } from './state-error.js'

/** Bytes of a number: eight of them hold 2^53 - 1. */
const MOST_BYTES = 8

/** Reads what StateWriter wrote. The bytes may be hostile: each number is held against its bounds. */
export class StateReader {
  readonly #bytes: Uint8Array
  readonly #what: string
  #at = 0

  /** @param what what the bytes are of, with its article: for the error */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes
    this.#what = what
  }

  /**
   * The next number.
   *
   * @throws {DetectStateError} if there is none, it has spare bytes, or it is not within `least` and `most`
   */
  number(name: string, least: number, most: number): number {
    let value = 0
    let scale = 1
    for (let index = 0; index < MOST_BYTES; index++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw this.wrong(`cut short in ${name}`)
      value += (byte & 0x7f) * scale
      scale *= 0x80
      if (byte < 0x80) {
        if (byte === 0 && index > 0) throw this.wrong(`${name} is written with spare bytes`)
        if (value < least || value > most)
          throw this.wrong(`${name} is ${value}, not within ${least} and ${most}`)
        return value
      }
    }
    throw this.wrong(`${name} has no end`)
  }

  /** The bytes that come next: a view of them. @throws {DetectStateError} if there are fewer */
  raw(name: string, length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw this.wrong(`cut short in ${name}`)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** @throws {DetectStateError} if something follows */
  end(): void {
    if (this.#at < this.#bytes.length)
      throw this.wrong(`${this.#bytes.length - this.#at} bytes behind its end`)
  }

  /** An error of these bytes. */
  wrong(problem: string): DetectStateError {
    return new DetectStateError(`${this.#what}: ${problem}`)
  }
}
