import { BlockPlaces, blockFor, CHUNK_SLOTS, chunkOf, slotOf } from '../blocks/block-places.js'
import { HandleTable } from '../blocks/handle-table.js'
import { countUp, firstNotBelow, insertAndJoin, insertBin } from './bin-row.js'
import { binOfOnly, countOfOnly, MOST_OF_ONLY_BIN, ONLY_BIN, onlyBin } from './only-bin.js'
import type { SketchScratch } from './sketch-scratch.js'

/** Bytes of a bin and its count. */
const BIN_BYTES = 6

/**
 * The bins of many sketches and what they count, in the order of their values: in blocks of 4, 8, 16, … No sketch has more bins than
 * may be: the lowest are joined then. One of a single bin has no block. All throw a RangeError where there is no such sketch.
 */
export class SketchBins {
  readonly #maxBins: number
  readonly #handles = new HandleTable('sketch')
  readonly #blocks: BlockPlaces
  readonly #bins: Uint16Array[] = []
  readonly #counts: Uint32Array[] = []
  readonly #onlyBins = new Uint16Array(1)
  readonly #onlyCounts = new Uint32Array(1)
  /** The sketch that is read: where its bins are. */
  #rowBins: Uint16Array = this.#onlyBins
  #rowCounts: Uint32Array = this.#onlyCounts
  #rowAt = 0
  #collapsed = 0
  #saturated = 0

  constructor(maxBins: number) {
    this.#maxBins = maxBins
    this.#blocks = new BlockPlaces(() => {
      this.#bins.push(new Uint16Array(CHUNK_SLOTS))
      this.#counts.push(new Uint32Array(CHUNK_SLOTS))
    })
  }

  get bytes(): number {
    return this.#bins.length * CHUNK_SLOTS * BIN_BYTES + this.#handles.bytes + this.#blocks.bytes
  }

  /** How often a sketch had too many bins, and its lowest one was joined with the next. */
  get collapsed(): number {
    return this.#collapsed
  }

  /** How often a bin could not count any higher. */
  get saturated(): number {
    return this.#saturated
  }

  get size(): number {
    return this.#handles.size
  }

  create(): number {
    return this.#handles.create()
  }

  /** How many bins a sketch has. */
  lengthOf(handle: number): number {
    const length = this.#handles.lengthOf(handle)
    return length === ONLY_BIN ? 1 : length
  }

  /** What its bins count, all together. */
  total(handle: number): number {
    const end = this.#read(handle)
    const counts = this.#rowCounts
    let total = 0
    for (let slot = this.#rowAt; slot < end; slot++) total += counts[slot] as number
    return total
  }

  /** What the bins above this one count, all together. */
  totalAbove(handle: number, bin: number): number {
    const end = this.#read(handle)
    const bins = this.#rowBins
    const counts = this.#rowCounts
    let total = 0
    for (let slot = end - 1; slot >= this.#rowAt && (bins[slot] as number) > bin; slot--)
      total += counts[slot] as number
    return total
  }

  /** The bin of the value at this rank, 1 being the lowest. @param rank not above the total */
  binAtRank(handle: number, rank: number): number {
    this.#read(handle)
    const counts = this.#rowCounts
    let slot = this.#rowAt
    for (let seen = counts[slot] as number; seen < rank; seen += counts[slot] as number) slot++
    return this.#rowBins[slot] as number
  }

  /** Adds to what a bin counts. @param count 1 … MOST_COUNT */
  add(handle: number, bin: number, count: number): void {
    if (this.#addToOnly(handle, bin, count)) return
    const length = this.#handles.lengthOf(handle)
    if (length === 0) {
      this.#open(handle, 0, bin, count)
      return
    }
    const place = this.#handles.placeOf(handle)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    const slot = firstNotBelow(bins, at, length, bin)
    if (slot < at + length && bins[slot] === bin) {
      if (!countUp(counts, slot, count)) this.#saturated++
    } else if (length === this.#maxBins) {
      this.#collapsed++
      if (!insertAndJoin(bins, counts, at, slot, bin, count)) this.#saturated++
    } else {
      this.#open(handle, slot - at, bin, count)
    }
  }

  /** Adds all that another sketch counts, bin by bin: best if it has few. */
  addAll(handle: number, from: number): void {
    // Looked up even if there is nothing to be added to it.
    this.#handles.lengthOf(handle)
    const end = this.#read(from)
    const bins = this.#rowBins
    const counts = this.#rowCounts
    for (let slot = this.#rowAt; slot < end; slot++)
      this.add(handle, bins[slot] as number, counts[slot] as number)
  }

  /** Copies a sketch. */
  copyTo(handle: number, scratch: SketchScratch): void {
    scratch.clear()
    this.mergeInto(handle, scratch)
  }

  /** Adds a sketch to the one in the scratch. */
  mergeInto(handle: number, scratch: SketchScratch): void {
    const length = this.#read(handle) - this.#rowAt
    if (length > 0) this.#saturated += scratch.merge(this.#rowBins, this.#rowCounts, this.#rowAt, length)
  }

  /** Makes a sketch what stands in the scratch. */
  store(handle: number, scratch: SketchScratch): void {
    const { collapsed, saturated } = scratch.collapse(this.#maxBins)
    this.#collapsed += collapsed
    this.#saturated += saturated
    const { length } = scratch
    if (length === 0) return
    if (this.#handles.lengthOf(handle) === ONLY_BIN) this.#handles.setLength(handle, 0)
    const place = this.#withRoom(handle, this.#handles.lengthOf(handle), length)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    scratch.writeTo(bins, counts, slotOf(place))
  }

  free(handle: number): void {
    const length = this.#handles.lengthOf(handle)
    if (length > 0 && length !== ONLY_BIN) this.#blocks.give(this.#handles.placeOf(handle), blockFor(length))
    this.#handles.free(handle)
  }

  /** Looks at a sketch. @returns behind its last bin */
  #read(handle: number): number {
    const length = this.#handles.lengthOf(handle)
    // It has no place as long as it is empty.
    const place = length === 0 ? 0 : this.#handles.placeOf(handle)
    if (length === ONLY_BIN) {
      this.#onlyBins[0] = binOfOnly(place)
      this.#onlyCounts[0] = countOfOnly(place)
    }
    const hasBlock = length > 0 && length !== ONLY_BIN
    this.#rowBins = hasBlock ? (this.#bins[chunkOf(place)] as Uint16Array) : this.#onlyBins
    this.#rowCounts = hasBlock ? (this.#counts[chunkOf(place)] as Uint32Array) : this.#onlyCounts
    this.#rowAt = hasBlock ? slotOf(place) : 0
    return this.#rowAt + (length === ONLY_BIN ? 1 : length)
  }

  /** Adds to a sketch that has no block, and gives it one if it needs one. @returns whether all is done */
  #addToOnly(handle: number, bin: number, count: number): boolean {
    const length = this.#handles.lengthOf(handle)
    const known = length === ONLY_BIN ? this.#handles.placeOf(handle) : onlyBin(bin, 0)
    if (length !== ONLY_BIN && length !== 0) return false
    const sum = countOfOnly(known) + count
    if (binOfOnly(known) === bin && sum <= MOST_OF_ONLY_BIN) {
      this.#handles.setLength(handle, ONLY_BIN)
      this.#handles.setPlace(handle, onlyBin(bin, sum))
      return true
    }
    if (length === ONLY_BIN) {
      this.#handles.setLength(handle, 0)
      this.#open(handle, 0, binOfOnly(known), countOfOnly(known))
    }
    return false
  }

  /** Opens a bin at this index. */
  #open(handle: number, index: number, bin: number, count: number): void {
    const length = this.#handles.lengthOf(handle)
    const place = this.#withRoom(handle, length, length + 1)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    insertBin(bins, counts, at + index, at + length, bin, count)
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
}
