import { grown } from '../blocks/grown.js'

type Numbers = Int32Array | Float32Array | Float64Array

/** A number for each key, 0 as long as none was set. Keys are ids of a table, or places in a list: small, and used again. */
export class NumbersByKey<T extends Numbers = Int32Array> {
  readonly #make: new (
    length: number,
  ) => T
  #numbers: T

  /** @param make the kind of array that they are kept in */
  constructor(make: new (length: number) => T) {
    this.#make = make
    this.#numbers = new make(64)
  }

  get(key: number): number {
    return this.#numbers[key] ?? 0
  }

  set(key: number, value: number): void {
    if (key >= this.#numbers.length) {
      if (value === 0) return
      this.#numbers = grown(this.#numbers, this.#make, key + 1)
    }
    this.#numbers[key] = value
  }

  /** Divides them all. */
  divide(by: number): void {
    const numbers = this.#numbers
    for (let key = 0; key < numbers.length; key++) numbers[key] = (numbers[key] as number) / by
  }
}
