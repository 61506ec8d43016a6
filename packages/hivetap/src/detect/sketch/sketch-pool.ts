import { MOST_COUNT } from './bin-row.js'
import { binOf, LAST_BIN, valueOfBin } from './bins.js'
import { SketchBins } from './sketch-bins.js'
import { decodeSketch, encodeSketch } from './sketch-codec.js'
import { SketchScratch } from './sketch-scratch.js'

export interface SketchPoolOptions {
  /** Bins of a sketch; above, the lowest are joined. Default 512: values 28,000 times apart, with none left out. */
  readonly maxBins?: number
}

/** A sketch with as many bins is merged bin by bin: most are of a few values. */
const FEW_BINS = 8

/**
 * Many quantile sketches side by side, each named by a number. A sketch counts values in bins that are 2 % wide, so that a
 * quantile is within 1 % of the exact one, and sketches add up: merged in any order, they are equal to one sketch of all
 * values. Only bins that have values are kept, in the order of their values: six bytes each, in blocks of 4, 8, 16, …
 *
 * A bin counts up to 2^32 - 1; what is beyond is left out, and `saturated` says how often.
 */
export class SketchPool {
  readonly #bins: SketchBins
  readonly #scratch = new SketchScratch()

  /** @throws {RangeError} if `maxBins` is not a whole number from 8 to 4096 */
  constructor({ maxBins = 512 }: SketchPoolOptions = {}) {
    if (!Number.isInteger(maxBins) || maxBins < 8 || maxBins > 4096)
      throw new RangeError(`Cannot keep sketches of ${maxBins} bins: give a whole number from 8 to 4096`)
    this.#bins = new SketchBins(Math.min(maxBins, LAST_BIN + 1))
  }

  /** Bytes of all that is kept, free blocks too. */
  get bytes(): number {
    return this.#bins.bytes
  }

  /** How often a sketch had too many bins, and its lowest one was joined with the next. */
  get collapsed(): number {
    return this.#bins.collapsed
  }

  /** How often a bin could not count any higher. */
  get saturated(): number {
    return this.#bins.saturated
  }

  /** Sketches that are in use. */
  get size(): number {
    return this.#bins.size
  }

  /** A new sketch, empty. */
  create(): number {
    return this.#bins.create()
  }

  /**
   * Counts a value.
   *
   * @param valueUs microseconds; 0, less and NaN count as 0
   * @param weight how often: whole; less than 1 counts as 1, since the value was seen
   * @throws {RangeError} if there is no such sketch
   */
  add(handle: number, valueUs: number, weight: number): void {
    const whole = weight >= 1 ? Math.min(Math.floor(weight), MOST_COUNT) : 1
    this.#bins.add(handle, binOf(valueUs), whole)
  }

  /** Adds all values of another sketch, which stays as it is. @throws {RangeError} if there is no such sketch */
  merge(into: number, from: number): void {
    if (this.#bins.lengthOf(from) <= FEW_BINS) {
      this.#bins.addAll(into, from)
      return
    }
    this.#bins.copyTo(into, this.#scratch)
    this.#bins.mergeInto(from, this.#scratch)
    this.#bins.store(into, this.#scratch)
  }

  /**
   * The value that a share `q` of all values does not exceed: the smallest one with at least this share up to it, as
   * percentile_disc has it in SQL; within 1 %. Microseconds; NaN if the sketch is empty.
   *
   * @param q 0 … 1
   * @throws {RangeError} if there is no such sketch
   */
  quantile(handle: number, q: number): number {
    const total = this.#bins.total(handle)
    if (total === 0) return Number.NaN
    // Counted from above: it keeps 0.07 · 100 from becoming 8.
    const rank = Math.max(1, total - Math.floor(total - total * Math.min(Math.max(q, 0), 1)))
    return valueOfBin(this.#bins.binAtRank(handle, rank))
  }

  /** How many values there are, each as often as its weight says. @throws {RangeError} if there is no such sketch */
  count(handle: number): number {
    return this.#bins.total(handle)
  }

  /**
   * How many values are greater, each as often as its weight says; those in the bin of the value itself are not.
   *
   * @throws {RangeError} if there is no such sketch
   */
  countAbove(handle: number, valueUs: number): number {
    return this.#bins.totalAbove(handle, binOf(valueUs))
  }

  /** Gives a sketch back: its number is used again. @throws {RangeError} if there is no such sketch */
  free(handle: number): void {
    this.#bins.free(handle)
  }

  /** A sketch as bytes, the same for the same values in any order. @throws {RangeError} if there is no such sketch */
  encode(handle: number): Uint8Array {
    this.#bins.copyTo(handle, this.#scratch)
    return encodeSketch(this.#scratch)
  }

  /**
   * A new sketch with what `encode` wrote, here or in a pool with another bound.
   *
   * @throws {DetectStateError} if the bytes are no sketch; nothing is made then
   */
  decode(bytes: Uint8Array): number {
    decodeSketch(bytes, this.#scratch)
    const handle = this.#bins.create()
    this.#bins.store(handle, this.#scratch)
    return handle
  }
}
