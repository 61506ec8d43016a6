import { grown } from '../blocks/grown.js'
import { NumberStack } from '../blocks/number-stack.js'
import { IdSlots } from '../keys/id-slots.js'
import { hashOfNumbers } from '../keys/text-hash.js'

/** Sequences of a page, a bit each. */
export const PAGE = 256
const WORDS = PAGE / 32

/**
 * Which sequences of which epochs were seen: pages of 256 bits in one piece of memory, about 64 bytes each, found by epoch and
 * number. A page knows the latest time of what it has seen, so that it can be forgotten when nothing as old counts any more.
 */
export class SeenPages {
  readonly #slots = new IdSlots((id) => this.#hashes[id] as number)
  readonly #free = new NumberStack()
  readonly #name = new Uint32Array(3)
  #end = 0
  #hashes = new Uint32Array(16)
  #epochs = new Uint32Array(16)
  #numbers = new Float64Array(16)
  #newestUs = new Float64Array(16)
  #bits = new Uint32Array(16 * WORDS)

  get size(): number {
    return this.#end - this.#free.length
  }

  /** The page of an epoch that has this number; -1 if there is none. */
  find(epoch: number, number: number): number {
    return this.#lookUp(epoch, number, this.#hashOf(epoch, number))
  }

  /** A new page, empty. There must be none yet. */
  add(epoch: number, number: number): number {
    const free = this.#free.pop()
    const page = free >= 0 ? free : this.#end++
    if (page >= this.#hashes.length) {
      this.#hashes = grown(this.#hashes, Uint32Array, page + 1)
      this.#epochs = grown(this.#epochs, Uint32Array, page + 1)
      this.#numbers = grown(this.#numbers, Float64Array, page + 1)
      this.#newestUs = grown(this.#newestUs, Float64Array, page + 1)
      this.#bits = grown(this.#bits, Uint32Array, (page + 1) * WORDS)
    }
    const hash = this.#hashOf(epoch, number)
    this.#hashes[page] = hash
    this.#epochs[page] = epoch
    this.#numbers[page] = number
    this.#newestUs[page] = Number.NEGATIVE_INFINITY
    this.#bits.fill(0, page * WORDS, (page + 1) * WORDS)
    this.#slots.put(page, hash)
    return page
  }

  /** Notes a sequence, by its place in its page. @returns whether it is new */
  mark(page: number, place: number, timeUs: number): boolean {
    const word = page * WORDS + (place >>> 5)
    const bit = 1 << (place & 31)
    const bits = this.#bits[word] as number
    if ((bits & bit) !== 0) return false
    this.#bits[word] = bits | bit
    if (timeUs > (this.#newestUs[page] as number)) this.#newestUs[page] = timeUs
    return true
  }

  /** Notes at once all that a page has seen, as `bitsOf` told it. */
  fill(page: number, bits: readonly number[], newestUs: number): void {
    this.#bits.set(bits, page * WORDS)
    this.#newestUs[page] = newestUs
  }

  remove(page: number): void {
    this.#slots.remove(page)
    this.#free.push(page)
    // So that `ids` passes it over.
    this.#numbers[page] = -1
  }

  /** All that there are. One that it gave may be removed meanwhile. */
  *ids(): Generator<number> {
    for (let page = 0; page < this.#end; page++) if ((this.#numbers[page] as number) >= 0) yield page
  }

  epochOf(page: number): number {
    return this.#epochs[page] as number
  }

  numberOf(page: number): number {
    return this.#numbers[page] as number
  }

  newestUsOf(page: number): number {
    return this.#newestUs[page] as number
  }

  /** Its bits; they are not copied. */
  bitsOf(page: number): Uint32Array {
    return this.#bits.subarray(page * WORDS, (page + 1) * WORDS)
  }

  /** How many sequences it has seen. */
  countOf(page: number): number {
    let count = 0
    for (let word of this.bitsOf(page)) for (; word !== 0; word = (word & (word - 1)) >>> 0) count++
    return count
  }

  #lookUp(epoch: number, number: number, hash: number): number {
    for (let slot = this.#slots.first(hash); ; slot = this.#slots.next(slot)) {
      const page = this.#slots.at(slot)
      if (page < 0 || (this.#epochs[page] === epoch && this.#numbers[page] === number)) return page
    }
  }

  #hashOf(epoch: number, number: number): number {
    const name = this.#name
    name[0] = epoch
    name[1] = number
    name[2] = number / 2 ** 32
    return hashOfNumbers(name, 0, 3)
  }
}
