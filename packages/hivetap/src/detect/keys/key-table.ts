import { grown } from '../blocks/grown.js'
import { NumberStack } from '../blocks/number-stack.js'
import { IdSlots } from './id-slots.js'
import { by, byText, type Criterion, leastOf } from './rarest.js'
import { hashOfNumbers } from './text-hash.js'
import { Texts } from './texts.js'

export interface KeyTableOptions {
  /** Keys that may be kept at once: a whole number from 1 to 2^30. */
  readonly maxKeys: number
}

/** What stands for the first text of an id that is free: no text has this number. */
const FREE = 2 ** 32 - 1

/**
 * Gives numbers to keys: a key is a few texts, such as a source and a destination. Numbers are small and used again, so that
 * whatever is kept of a key can stand in an array. Each text is kept once. All keys of a table have as many texts as its first.
 */
export class KeyTable {
  readonly #maxKeys: number
  readonly #texts = new Texts()
  readonly #slots = new IdSlots((id) => hashOfNumbers(this.#parts, id * this.#stride, this.#dimensions))
  readonly #free = new NumberStack()
  /** Numbers of the texts of each key, side by side. */
  #parts = new Uint32Array(0)
  #dimensions = -1
  #stride = 1
  #asked = new Uint32Array(0)
  #end = 0
  #refused = 0
  #evicted = 0

  /** @throws {RangeError} if `maxKeys` is none */
  constructor({ maxKeys }: KeyTableOptions) {
    if (!Number.isInteger(maxKeys) || maxKeys < 1 || maxKeys > 2 ** 30)
      throw new RangeError(`Cannot keep ${maxKeys} keys: give a whole number from 1 to 2^30`)
    this.#maxKeys = maxKeys
  }

  /** Keys that are kept. */
  get size(): number {
    return this.#end - this.#free.length
  }

  /** How often there was no room for a new key. */
  get refused(): number {
    return this.#refused
  }

  /** Keys that were thrown out by `evictRarest`. */
  get evicted(): number {
    return this.#evicted
  }

  /** Different texts that are kept. */
  get texts(): number {
    return this.#texts.size
  }

  /**
   * The id of a key: a new one if it was not known. -1 if there is no room for it, which is counted. The texts are copied.
   *
   * @throws {RangeError} if the key has another number of texts than those before
   */
  id(values: readonly string[]): number {
    if (values.length !== this.#dimensions) this.#setDimensions(values.length)
    const known = this.#ask(values)
    if (known >= 0) return known
    if (this.size >= this.#maxKeys) {
      this.#refused++
      return -1
    }
    const free = this.#free.pop()
    const id = free >= 0 ? free : this.#end++
    const at = id * this.#stride
    if (at + this.#stride > this.#parts.length)
      this.#parts = grown(this.#parts, Uint32Array, Math.max(at + this.#stride, 16))
    this.#parts[at] = 0
    for (let index = 0; index < values.length; index++)
      this.#parts[at + index] = this.#texts.hold(values[index] as string)
    this.#slots.put(id, hashOfNumbers(this.#parts, at, this.#dimensions))
    return id
  }

  /** The texts of a key. @throws {RangeError} if there is no such key */
  valuesOf(id: number): readonly string[] {
    const at = this.#at(id)
    const values: string[] = []
    for (let index = 0; index < this.#dimensions; index++)
      values.push(this.#texts.textOf(this.#parts[at + index] as number))
    return values
  }

  /** Forgets a key: its id is used again. @throws {RangeError} if there is no such key */
  remove(id: number): void {
    const at = this.#at(id)
    this.#slots.remove(id)
    for (let index = 0; index < this.#dimensions; index++)
      this.#texts.release(this.#parts[at + index] as number)
    this.#parts[at] = FREE
    this.#free.push(id)
  }

  /**
   * Forgets the rarest keys, so that no more than `keep` are left. Of keys that are as rare, the first by their texts goes first
   * (text by text, by UTF-16 code units): which ones are left does not depend on the order in which they came.
   *
   * @param weightOf how frequent a key is
   * @returns ids that are free now
   */
  evictRarest(keep: number, weightOf: (id: number) => number): readonly number[] {
    const count = Math.min(this.size, Math.ceil(this.size - keep))
    if (!(count > 0)) return []
    const byTexts = Array.from({ length: this.#dimensions }, (_, index) => this.#byText(index))
    const rarest = leastOf(this.#allIds(), count, [by(weightOf), ...byTexts])
    for (const id of rarest) this.remove(id)
    this.#evicted += rarest.length
    return [...rarest]
  }

  /** Ids of all keys, the least first. Keys that come or go meanwhile may be told or not. */
  *ids(): Iterable<number> {
    for (let id = 0; id < this.#end; id++) if (this.#parts[id * this.#stride] !== FREE) yield id
  }

  /** Looks a key up. */
  #ask(values: readonly string[]): number {
    for (let index = 0; index < values.length; index++) {
      const part = this.#texts.find(values[index] as string)
      if (part < 0) return -1
      this.#asked[index] = part
    }
    return this.#find()
  }

  #find(): number {
    const hash = hashOfNumbers(this.#asked, 0, this.#dimensions)
    for (let slot = this.#slots.first(hash); ; slot = this.#slots.next(slot)) {
      const id = this.#slots.at(slot)
      if (id < 0 || this.#isAsked(id)) return id
    }
  }

  #isAsked(id: number): boolean {
    const at = id * this.#stride
    for (let index = 0; index < this.#dimensions; index++)
      if (this.#parts[at + index] !== this.#asked[index]) return false
    return true
  }

  #at(id: number): number {
    const at = id * this.#stride
    const part = Number.isInteger(id) && id < this.#end ? this.#parts[at] : undefined
    if (part === undefined || part === FREE)
      throw new RangeError(`Cannot use key ${id}: there is none of that id`)
    return at
  }

  #allIds(): Uint32Array {
    const ids = new Uint32Array(this.size)
    let found = 0
    for (const id of this.ids()) ids[found++] = id
    return ids
  }

  #byText(index: number): Criterion {
    const partOf = (id: number) => this.#parts[id * this.#stride + index] as number
    return byText(partOf, (part) => this.#texts.textOf(part))
  }

  #setDimensions(dimensions: number): void {
    if (this.#dimensions >= 0)
      throw new RangeError(`Cannot take a key of ${dimensions} texts among keys of ${this.#dimensions}`)
    this.#dimensions = dimensions
    this.#stride = Math.max(dimensions, 1)
    this.#asked = new Uint32Array(dimensions)
  }
}
