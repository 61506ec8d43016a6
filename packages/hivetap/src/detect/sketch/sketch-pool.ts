import { BlockPlaces, blockFor, CHUNK_SLOTS, chunkOf, slotOf } from '../blocks/block-places.js'
import { HandleTable } from '../blocks/handle-table.js'
import { binOf, LAST_BIN, valueOfBin } from './bins.js'
import { decodeSketch, encodeSketch } from './sketch-codec.js'
import { MOST_COUNT, SketchScratch } from './sketch-scratch.js'

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
  readonly #maxBins: number
  readonly #handles = new HandleTable('sketch')
  readonly #blocks: BlockPlaces
  readonly #bins: Uint16Array[] = []
  readonly #counts: Uint32Array[] = []
  readonly #scratch = new SketchScratch()
  #collapsed = 0
  #saturated = 0

  /** @throws {RangeError} if `maxBins` is not a whole number from 8 to 4096 */
  constructor({ maxBins = 512 }: SketchPoolOptions = {}) {
    if (!Number.isInteger(maxBins) || maxBins < 8 || maxBins > 4096)
      throw new RangeError(`Cannot keep sketches of ${maxBins} bins: give a whole number from 8 to 4096`)
    this.#maxBins = Math.min(maxBins, LAST_BIN + 1)
    this.#blocks = new BlockPlaces(() => {
      this.#bins.push(new Uint16Array(CHUNK_SLOTS))
      this.#counts.push(new Uint32Array(CHUNK_SLOTS))
    })
  }

  /** Bytes of all that is kept, free blocks too. */
  get bytes(): number {
    return this.#bins.length * CHUNK_SLOTS * 6 + this.#handles.bytes + this.#blocks.bytes
  }

  /** How often a sketch had too many bins, and its lowest one was joined with the next. */
  get collapsed(): number {
    return this.#collapsed
  }

  /** How often a bin could not count any higher. */
  get saturated(): number {
    return this.#saturated
  }

  /** Sketches that are in use. */
  get size(): number {
    return this.#handles.size
  }

  /** A new sketch, empty. */
  create(): number {
    return this.#handles.create()
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
    this.#addBin(handle, binOf(valueUs), whole)
  }

  /** Adds all values of another sketch, which stays as it is. @throws {RangeError} if there is no such sketch */
  merge(into: number, from: number): void {
    const fromLength = this.#handles.lengthOf(from)
    const intoLength = this.#handles.lengthOf(into)
    if (fromLength === 0) return
    const place = this.#handles.placeOf(from)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    if (fromLength <= FEW_BINS) {
      for (let slot = at; slot < at + fromLength; slot++)
        this.#addBin(into, bins[slot] as number, counts[slot] as number)
      return
    }
    const mine = this.#handles.placeOf(into)
    this.#scratch.copy(this.#bins[chunkOf(mine)], this.#counts[chunkOf(mine)], slotOf(mine), intoLength)
    this.#saturated += this.#scratch.merge(bins, counts, at, fromLength)
    this.#store(into)
  }

  /**
   * The value that a share `q` of all values does not exceed: the smallest one with at least this share up to it, as
   * percentile_disc has it in SQL; within 1 %. Microseconds; NaN if the sketch is empty.
   *
   * @param q 0 … 1
   * @throws {RangeError} if there is no such sketch
   */
  quantile(handle: number, q: number): number {
    const total = this.count(handle)
    if (total === 0) return Number.NaN
    // Counted from above: it keeps 0.07 · 100 from becoming 8.
    const rank = Math.max(1, total - Math.floor(total - total * Math.min(Math.max(q, 0), 1)))
    const place = this.#handles.placeOf(handle)
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    let slot = slotOf(place)
    for (let seen = counts[slot] as number; seen < rank; seen += counts[slot] as number) slot++
    return valueOfBin((this.#bins[chunkOf(place)] as Uint16Array)[slot] as number)
  }

  /** How many values there are, each as often as its weight says. @throws {RangeError} if there is no such sketch */
  count(handle: number): number {
    const length = this.#handles.lengthOf(handle)
    if (length === 0) return 0
    const place = this.#handles.placeOf(handle)
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    let total = 0
    for (let slot = at; slot < at + length; slot++) total += counts[slot] as number
    return total
  }

  /** Gives a sketch back: its number is used again. @throws {RangeError} if there is no such sketch */
  free(handle: number): void {
    const length = this.#handles.lengthOf(handle)
    if (length > 0) this.#blocks.give(this.#handles.placeOf(handle), blockFor(length))
    this.#handles.free(handle)
  }

  /** A sketch as bytes, the same for the same values in any order. @throws {RangeError} if there is no such sketch */
  encode(handle: number): Uint8Array {
    const length = this.#handles.lengthOf(handle)
    const place = this.#handles.placeOf(handle)
    this.#scratch.copy(this.#bins[chunkOf(place)], this.#counts[chunkOf(place)], slotOf(place), length)
    return encodeSketch(this.#scratch)
  }

  /**
   * A new sketch with what `encode` wrote, here or in a pool with another bound.
   *
   * @throws {DetectStateError} if the bytes are no sketch; nothing is made then
   */
  decode(bytes: Uint8Array): number {
    decodeSketch(bytes, this.#scratch)
    const handle = this.#handles.create()
    this.#store(handle)
    return handle
  }

  #addBin(handle: number, bin: number, count: number): void {
    const length = this.#handles.lengthOf(handle)
    if (length === 0) {
      this.#open(handle, 0, bin, count)
      return
    }
    const place = this.#handles.placeOf(handle)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const at = slotOf(place)
    const low = firstNotBelow(bins, at, length, bin)
    if (low < at + length && bins[low] === bin) {
      this.#countUp(this.#counts[chunkOf(place)] as Uint32Array, low, count)
    } else if (length === this.#maxBins) {
      this.#collapseFor(place, low, bin, count)
    } else {
      this.#open(handle, low - at, bin, count)
    }
  }

  #countUp(counts: Uint32Array, slot: number, count: number): void {
    const sum = (counts[slot] as number) + count
    if (sum > MOST_COUNT) this.#saturated++
    counts[slot] = sum > MOST_COUNT ? MOST_COUNT : sum
  }

  /** Opens a bin at this index. */
  #open(handle: number, index: number, bin: number, count: number): void {
    const length = this.#handles.lengthOf(handle)
    const place = this.#withRoom(handle, length, length + 1)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    for (let slot = at + length; slot > at + index; slot--) {
      bins[slot] = bins[slot - 1] as number
      counts[slot] = counts[slot - 1] as number
    }
    bins[at + index] = bin
    counts[at + index] = count
  }

  /**
   * Opens a bin where there are as many as may be: the lowest of all is joined with the next. So the highest ones are always
   * kept, and the lowest holds all that was below: whatever the order was.
   *
   * @param slot of the first bin that is greater
   */
  #collapseFor(place: number, slot: number, bin: number, count: number): void {
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    this.#collapsed++
    if (slot <= at + 1) {
      if (slot > at) bins[at] = bin
      this.#countUp(counts, at, count)
      return
    }
    this.#countUp(counts, at + 1, counts[at] as number)
    for (let to = at; to < slot - 1; to++) {
      bins[to] = bins[to + 1] as number
      counts[to] = counts[to + 1] as number
    }
    bins[slot - 1] = bin
    counts[slot - 1] = count
  }

  /** Makes room for `length` bins, and says where; what is there is kept. */
  #withRoom(handle: number, before: number, length: number): number {
    const old = this.#handles.placeOf(handle)
    const size = blockFor(length)
    this.#handles.setLength(handle, length)
    if (before > 0 && blockFor(before) === size) return old
    const place = this.#blocks.take(size)
    this.#handles.setPlace(handle, place)
    if (before > 0) {
      const from = slotOf(old)
      const kept = from + Math.min(before, length)
      const bins = this.#bins[chunkOf(old)] as Uint16Array
      const counts = this.#counts[chunkOf(old)] as Uint32Array
      ;(this.#bins[chunkOf(place)] as Uint16Array).set(bins.subarray(from, kept), slotOf(place))
      ;(this.#counts[chunkOf(place)] as Uint32Array).set(counts.subarray(from, kept), slotOf(place))
      this.#blocks.give(old, blockFor(before))
    }
    return place
  }

  /** Makes a sketch what stands in the scratch. */
  #store(handle: number): void {
    const { collapsed, saturated } = this.#scratch.collapse(this.#maxBins)
    this.#collapsed += collapsed
    this.#saturated += saturated
    const { length } = this.#scratch
    if (length === 0) return
    const place = this.#withRoom(handle, this.#handles.lengthOf(handle), length)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    this.#scratch.writeTo(bins, counts, slotOf(place))
  }
}

/**
 * Slot of the first bin that is not below this one; the slot behind the last if all are. Without a branch that depends on the
 * bins: they come in no order that a processor could foresee.
 */
function firstNotBelow(bins: Uint16Array, at: number, length: number, bin: number): number {
  let slot = at
  for (let rest = length; rest > 1; ) {
    const half = rest >>> 1
    slot += half & (((bins[slot + half - 1] as number) - bin) >> 31)
    rest -= half
  }
  return slot - (((bins[slot] as number) - bin) >> 31)
}
