import { MOST_COUNT } from './bin-row.js'
import { LAST_BIN } from './bins.js'

/** One sketch, laid out to be worked on: bins in the order of their values, and what each counts. */
export class SketchScratch {
  #bins = new Uint16Array(LAST_BIN + 1)
  #counts = new Uint32Array(LAST_BIN + 1)
  #otherBins = new Uint16Array(LAST_BIN + 1)
  #otherCounts = new Uint32Array(LAST_BIN + 1)
  #length = 0

  /** Bins that it has. */
  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#length = 0
  }

  binAt(index: number): number {
    return this.#bins[index] as number
  }

  countAt(index: number): number {
    return this.#counts[index] as number
  }

  /** Puts a bin behind the others. */
  push(bin: number, count: number): void {
    this.#bins[this.#length] = bin
    this.#counts[this.#length++] = count
  }

  /** Adds another sketch. How many bins could not count any higher. */
  merge(bins: Uint16Array, counts: Uint32Array, at: number, length: number): number {
    const [mineBins, mineCounts, mineLength] = [this.#bins, this.#counts, this.#length]
    this.#bins = this.#otherBins
    this.#counts = this.#otherCounts
    this.#otherBins = mineBins
    this.#otherCounts = mineCounts
    this.clear()
    let saturated = 0
    let mine = 0
    let theirs = 0
    while (mine < mineLength || theirs < length) {
      const left = mine < mineLength ? (mineBins[mine] as number) : LAST_BIN + 1
      const right = theirs < length ? (bins[at + theirs] as number) : LAST_BIN + 1
      const sum =
        (left <= right ? (mineCounts[mine++] as number) : 0) +
        (right <= left ? (counts[at + theirs++] as number) : 0)
      if (sum > MOST_COUNT) saturated++
      this.push(left <= right ? left : right, sum > MOST_COUNT ? MOST_COUNT : sum)
    }
    return saturated
  }

  /** Joins the lowest bins until there are no more than `most`. */
  collapse(most: number): { readonly collapsed: number; readonly saturated: number } {
    const collapsed = Math.max(0, this.#length - most)
    if (collapsed === 0) return { collapsed: 0, saturated: 0 }
    let sum = 0
    for (let index = 0; index <= collapsed; index++) sum += this.#counts[index] as number
    this.#counts[collapsed] = Math.min(sum, MOST_COUNT)
    this.#bins.copyWithin(0, collapsed, this.#length)
    this.#counts.copyWithin(0, collapsed, this.#length)
    this.#length = most
    return { collapsed, saturated: sum > MOST_COUNT ? 1 : 0 }
  }

  writeTo(bins: Uint16Array, counts: Uint32Array, at: number): void {
    for (let index = 0; index < this.#length; index++) {
      bins[at + index] = this.#bins[index] as number
      counts[at + index] = this.#counts[index] as number
    }
  }
}
