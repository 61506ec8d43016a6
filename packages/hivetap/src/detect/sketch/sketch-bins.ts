import { BlockPlaces, blockFor, CHUNK_SLOTS, chunkOf, slotOf } from '../blocks/block-places.js'
import { HandleTable } from '../blocks/handle-table.js'
import { countUp, firstNotBelow, insertAndJoin, insertBin } from './bin-row.js'
import type { SketchScratch } from './sketch-scratch.js'

/** Bytes of a bin and its count. */
const BIN_BYTES = 6

/**
 * The bins of many sketches and what they count, in the order of their values: in blocks of 4, 8, 16, … No sketch has more bins than
 * may be: the lowest are joined then. All throw a RangeError where there is no such sketch.
 */
export class SketchBins {
  readonly #maxBins: number
  readonly #handles = new HandleTable('sketch')
  readonly #blocks: BlockPlaces
  readonly #bins: Uint16Array[] = []
  readonly #counts: Uint32Array[] = []
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
    return this.#handles.lengthOf(handle)
  }

  /** What its bins count, all together. */
  total(handle: number): number {
    const length = this.#handles.lengthOf(handle)
    if (length === 0) return 0
    const place = this.#handles.placeOf(handle)
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    let total = 0
    for (let slot = at; slot < at + length; slot++) total += counts[slot] as number
    return total
  }

  /** What the bins above this one count, all together. */
  totalAbove(handle: number, bin: number): number {
    const length = this.#handles.lengthOf(handle)
    if (length === 0) return 0
    const place = this.#handles.placeOf(handle)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    let total = 0
    for (let slot = at + length - 1; slot >= at && (bins[slot] as number) > bin; slot--)
      total += counts[slot] as number
    return total
  }

  /** The bin of the value at this rank, 1 being the lowest. @param rank not above the total */
  binAtRank(handle: number, rank: number): number {
    const place = this.#handles.placeOf(handle)
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    let slot = slotOf(place)
    for (let seen = counts[slot] as number; seen < rank; seen += counts[slot] as number) slot++
    return (this.#bins[chunkOf(place)] as Uint16Array)[slot] as number
  }

  /** Adds to what a bin counts. @param count 1 … MOST_COUNT */
  add(handle: number, bin: number, count: number): void {
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
    const length = this.#handles.lengthOf(from)
    // Looked up even if there is nothing to be added to it.
    if (length === 0) {
      this.#handles.lengthOf(handle)
      return
    }
    const place = this.#handles.placeOf(from)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    const at = slotOf(place)
    for (let slot = at; slot < at + length; slot++)
      this.add(handle, bins[slot] as number, counts[slot] as number)
  }

  /** Copies a sketch. */
  copyTo(handle: number, scratch: SketchScratch): void {
    scratch.clear()
    this.mergeInto(handle, scratch)
  }

  /** Adds a sketch to the one in the scratch. */
  mergeInto(handle: number, scratch: SketchScratch): void {
    const length = this.#handles.lengthOf(handle)
    if (length === 0) return
    const place = this.#handles.placeOf(handle)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    this.#saturated += scratch.merge(bins, counts, slotOf(place), length)
  }

  /** Makes a sketch what stands in the scratch. */
  store(handle: number, scratch: SketchScratch): void {
    const { collapsed, saturated } = scratch.collapse(this.#maxBins)
    this.#collapsed += collapsed
    this.#saturated += saturated
    const { length } = scratch
    if (length === 0) return
    const place = this.#withRoom(handle, this.#handles.lengthOf(handle), length)
    const bins = this.#bins[chunkOf(place)] as Uint16Array
    const counts = this.#counts[chunkOf(place)] as Uint32Array
    scratch.writeTo(bins, counts, slotOf(place))
  }

  free(handle: number): void {
    const length = this.#handles.lengthOf(handle)
    if (length > 0) this.#blocks.give(this.#handles.placeOf(handle), blockFor(length))
    this.#handles.free(handle)
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
