import { BlockPlaces, blockFor, CHUNK_SLOTS, chunkOf, slotOf } from '../blocks/block-places.js'
import { grown } from '../blocks/grown.js'
import { HandleTable } from '../blocks/handle-table.js'

/** Many short rows of 16-bit numbers side by side, of which each keeps its newest. They grow by blocks of 4, 8, 16, … */
export class RingPool {
  readonly #most: number
  readonly #handles = new HandleTable('history')
  readonly #chunks: Uint16Array[] = []
  readonly #blocks = new BlockPlaces(() => this.#chunks.push(new Uint16Array(CHUNK_SLOTS)))
  /** Index of the oldest: 0 until a row is full. */
  #heads = new Uint16Array(0)

  /** @param most numbers that a row keeps: up to 16,384 */
  constructor(most: number) {
    this.#most = most
  }

  get bytes(): number {
    const own = this.#chunks.length * CHUNK_SLOTS * 2 + this.#heads.byteLength
    return own + this.#handles.bytes + this.#blocks.bytes
  }

  get size(): number {
    return this.#handles.size
  }

  create(): number {
    const handle = this.#handles.create()
    if (handle === this.#heads.length) this.#heads = grown(this.#heads, Uint16Array, 16)
    this.#heads[handle] = 0
    return handle
  }

  /** @throws {RangeError} if there is no such row */
  lengthOf(handle: number): number {
    return this.#handles.lengthOf(handle)
  }

  /** Puts a number behind the others; without room the oldest goes. @throws {RangeError} if there is no such row */
  push(handle: number, value: number): void {
    const length = this.#handles.lengthOf(handle)
    const head = this.#heads[handle] as number
    if (length === this.#most) {
      this.#put(this.#handles.placeOf(handle) + head, value)
      this.#heads[handle] = head + 1 === length ? 0 : head + 1
      return
    }
    if (length === 0 || blockFor(length) !== blockFor(length + 1)) this.#grow(handle, length)
    this.#handles.setLength(handle, length + 1)
    this.#put(this.#handles.placeOf(handle) + length, value)
  }

  /** Copies a row, the oldest first. How many numbers it has. @throws {RangeError} if there is no such row */
  copy(handle: number, into: Uint16Array): number {
    const length = this.#handles.lengthOf(handle)
    if (length === 0) return 0
    const place = this.#handles.placeOf(handle)
    const chunk = this.#chunks[chunkOf(place)] as Uint16Array
    const at = slotOf(place)
    const head = this.#heads[handle] as number
    for (let index = 0, slot = head; index < length; index++) {
      into[index] = chunk[at + slot] as number
      slot = slot + 1 === length ? 0 : slot + 1
    }
    return length
  }

  /** The newest number of a row that has one. */
  newest(handle: number): number {
    const length = this.#handles.lengthOf(handle)
    const head = this.#heads[handle] as number
    const place = this.#handles.placeOf(handle)
    const slot = slotOf(place) + (head === 0 ? length - 1 : head - 1)
    return (this.#chunks[chunkOf(place)] as Uint16Array)[slot] as number
  }

  /** Makes a row these numbers, the oldest first. @throws {RangeError} if there is no such row */
  replace(handle: number, values: Uint16Array): void {
    this.#giveBlock(handle)
    this.#handles.setLength(handle, 0)
    this.#heads[handle] = 0
    for (const value of values.subarray(Math.max(0, values.length - this.#most))) this.push(handle, value)
  }

  /** Gives a row back: its number is used again. @throws {RangeError} if there is no such row */
  free(handle: number): void {
    this.#giveBlock(handle)
    this.#handles.free(handle)
  }

  #put(place: number, value: number): void {
    ;(this.#chunks[chunkOf(place)] as Uint16Array)[slotOf(place)] = value
  }

  #grow(handle: number, length: number): void {
    const old = this.#handles.placeOf(handle)
    const place = this.#blocks.take(blockFor(length + 1))
    this.#handles.setPlace(handle, place)
    if (length === 0) return
    const from = slotOf(old)
    const values = (this.#chunks[chunkOf(old)] as Uint16Array).subarray(from, from + length)
    ;(this.#chunks[chunkOf(place)] as Uint16Array).set(values, slotOf(place))
    this.#blocks.give(old, blockFor(length))
  }

  #giveBlock(handle: number): void {
    const length = this.#handles.lengthOf(handle)
    if (length > 0) this.#blocks.give(this.#handles.placeOf(handle), blockFor(length))
  }
}
