/** A whole number for each key, 0 as long as none was set. Keys are ids of a table: small, and used again. */
export class NumbersByKey {
  #numbers = new Int32Array(64)

  get(key: number): number {
    return this.#numbers[key] ?? 0
  }

  set(key: number, value: number): void {
    if (key >= this.#numbers.length) {
      if (value === 0) return
      const larger = new Int32Array(Math.ceil(key * 1.5) + 1)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[key] = value
  }
}
