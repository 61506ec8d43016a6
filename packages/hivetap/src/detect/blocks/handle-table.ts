import { grown } from './grown.js'
import { NumberStack } from './number-stack.js'

/** Length of what is free. */
const FREE = 0xffff

/** Numbers that name things in blocks: of each its place and its length. Six bytes each. Numbers are used again, the last first. */
export class HandleTable {
  readonly #what: string
  readonly #free = new NumberStack()
  #places = new Uint32Array(0)
  #lengths = new Uint16Array(0)
  #end = 0

  /** @param what what a number names: for the error */
  constructor(what: string) {
    this.#what = what
  }

  /** How many are in use. */
  get size(): number {
    return this.#end - this.#free.length
  }

  get bytes(): number {
    return this.#places.byteLength + this.#lengths.byteLength + this.#free.bytes
  }

  /** A new number, of length 0. */
  create(): number {
    const free = this.#free.pop()
    const handle = free >= 0 ? free : this.#end++
    if (handle === this.#lengths.length) {
      this.#places = grown(this.#places, Uint32Array, 16)
      this.#lengths = grown(this.#lengths, Uint16Array, 16)
    }
    this.#lengths[handle] = 0
    return handle
  }

  /** @throws {RangeError} if it is not in use */
  lengthOf(handle: number): number {
    const length = handle < this.#end ? this.#lengths[handle] : undefined
    if (length === undefined || length === FREE)
      throw new RangeError(`Cannot use ${this.#what} ${handle}: it is not in use`)
    return length
  }

  /** Where its block is. It has one only if its length is not 0. */
  placeOf(handle: number): number {
    return this.#places[handle] as number
  }

  setLength(handle: number, length: number): void {
    this.#lengths[handle] = length
  }

  setPlace(handle: number, place: number): void {
    this.#places[handle] = place
  }

  /** Takes a number back. Its block is of whoever keeps the blocks. @throws {RangeError} if it is not in use */
  free(handle: number): void {
    this.lengthOf(handle)
    this.#lengths[handle] = FREE
    this.#free.push(handle)
  }
}
