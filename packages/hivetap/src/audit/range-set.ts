import type { MemoryBound } from './memory-bound.js'
import type { Range } from './range.js'

/** Ranges of one set at most: each that is put in between moves those behind it. */
const MOST_RANGES = 65_536
const BYTES_A_RANGE = 16

/** Sequences that are told as ranges, however long these are. */
export class RangeSet implements Iterable<Range> {
  readonly #bound: MemoryBound
  /** Ascending, apart from each other by one sequence at least. */
  readonly #firsts: number[] = []
  readonly #lasts: number[] = []

  constructor(bound: MemoryBound) {
    this.#bound = bound
  }

  /** The greatest that it holds; -1 if it holds none. */
  get greatest(): number {
    return this.#lasts.at(-1) ?? -1
  }

  /** Adds all from one sequence to another. @returns whether there was room */
  add(first: number, last: number): boolean {
    // Those that touch it are from `begin` to before `end`.
    const begin = lowerBound(this.#lasts, first - 1)
    const end = lowerBound(this.#firsts, last + 2)
    const touched = end - begin
    if (touched === 0 && this.#firsts.length >= MOST_RANGES) return false
    if (!this.#bound.take((1 - touched) * BYTES_A_RANGE)) return false
    const from = touched === 0 ? first : Math.min(first, this.#firsts[begin] ?? first)
    const to = touched === 0 ? last : Math.max(last, this.#lasts[end - 1] ?? last)
    this.#firsts.splice(begin, touched, from)
    this.#lasts.splice(begin, touched, to)
    return true
  }

  *[Symbol.iterator](): Generator<Range> {
    for (const [index, first] of this.#firsts.entries()) yield { first, last: this.#lasts[index] ?? first }
  }
}

/** The place of the first that is not less than `value`. */
function lowerBound(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
