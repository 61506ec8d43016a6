import { Pattern } from './line-bytes.js'

const ZERO = 0x30
const POINT = 0x2e
const ZULU = 0x5a
/** `2026-11-22T18:12:34`, then a point, nine digits and a `Z`. */
const SECOND = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/
const SECOND_LENGTH = 19
const TIME_LENGTH = 30
const WORD = 2 ** 32

/** Times of records as nanoseconds since 1970, in 64 bits. */
export class Nanoseconds {
  /** What was read last: the lower 32 bits, and the upper ones. */
  low = 0
  high = 0
  /** Most of a batch are of one second: it is read once. */
  #second: Pattern | undefined
  #secondLow = 0
  #secondHigh = 0

  /** Reads a time. @returns whether it is one that fits */
  of(text: string): boolean {
    const fraction = Number(text.slice(20, 29))
    if (text.length !== TIME_LENGTH || !Number.isInteger(fraction)) return false
    const ms = Date.parse(`${text.slice(0, SECOND_LENGTH)}Z`)
    return !Number.isNaN(ms) && this.#split(BigInt(ms) * 1_000_000n + BigInt(fraction))
  }

  /** Reads a time that stands in a line as the agent writes it, from `at` on. @returns whether it does */
  at(line: Uint8Array, view: DataView, at: number): boolean {
    if (this.#second?.isAt(view, at) !== true && !this.#readSecond(line, at)) return false
    if (line[at + SECOND_LENGTH] !== POINT || line[at + TIME_LENGTH - 1] !== ZULU) return false
    let fraction = 0
    for (let place = at + SECOND_LENGTH + 1; place < at + TIME_LENGTH - 1; place++) {
      const digit = (line[place] as number) - ZERO
      if (digit < 0 || digit > 9) return false
      fraction = fraction * 10 + digit
    }
    const sum = this.#secondLow + fraction
    this.low = sum | 0
    this.high = this.#secondHigh + (sum >= WORD ? 1 : 0)
    return true
  }

  #readSecond(line: Uint8Array, at: number): boolean {
    const bytes = line.subarray(at, at + SECOND_LENGTH)
    const text = String.fromCharCode(...bytes)
    // A second whose end does not fit is none that a record can have: the slow way tells.
    if (!SECOND.test(text) || !this.of(`${text}.999999999Z`) || !this.of(`${text}.000000000Z`)) return false
    this.#second = new Pattern(bytes)
    this.#secondLow = this.low >>> 0
    this.#secondHigh = this.high
    return true
  }

  #split(ns: bigint): boolean {
    if (BigInt.asIntN(64, ns) !== ns) return false
    this.low = Number(BigInt.asIntN(32, ns))
    this.high = Number(BigInt.asIntN(32, ns >> 32n))
    return true
  }
}
