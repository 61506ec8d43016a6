import { grown } from './grown.js'

/** A stack of whole numbers below 2^32: four bytes each, where an array takes eight. */
export class NumberStack {
  #numbers = new Uint32Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  get bytes(): number {
    return this.#numbers.byteLength
  }

  push(value: number): void {
    if (this.#length === this.#numbers.length) this.#numbers = grown(this.#numbers, Uint32Array, 16)
    this.#numbers[this.#length++] = value
  }

  /** The one that was pushed last; -1 if there is none. */
  pop(): number {
    return this.#length === 0 ? -1 : (this.#numbers[--this.#length] as number)
  }

  /** Puts them in order, the least first. @returns all of them, not copied: what stands there may be changed */
  sort(): Uint32Array {
    return this.#numbers.subarray(0, this.#length).sort()
  }

  /** Leaves only the first so many. */
  cutTo(length: number): void {
    this.#length = length
  }
}
