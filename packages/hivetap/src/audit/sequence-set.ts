import type { MemoryBound } from './memory-bound.js'
import type { Range } from './range.js'
import { CHUNK, SequenceChunk } from './sequence-chunk.js'

/**
 * Sequences that came one by one, in any order. What is there without holes takes next to nothing; the worst that an order can
 * do is a bit a sequence, and what lies far apart a hundred and fifty bytes each.
 */
export class SequenceSet {
  readonly #bound: MemoryBound
  readonly #chunks = new Map<number, SequenceChunk>()
  /** The chunk of the last that was added: mostly the next one's too. */
  #last: SequenceChunk | undefined
  #lastIndex = -1
  #count = 0
  #greatest = -1

  constructor(bound: MemoryBound) {
    this.#bound = bound
  }

  get count(): number {
    return this.#count
  }

  /** The greatest that it holds; -1 if it holds none. */
  get greatest(): number {
    return this.#greatest
  }

  has(sequence: number): boolean {
    return this.#chunks.get(Math.floor(sequence / CHUNK))?.has(sequence % CHUNK) ?? false
  }

  /** Adds one. `refused`: it is new, and there is no room for it. */
  add(sequence: number): 'added' | 'known' | 'refused' {
    const index = Math.floor(sequence / CHUNK)
    const place = sequence % CHUNK
    const chunk = index === this.#lastIndex ? this.#last : this.#chunks.get(index)
    if (chunk?.has(place) === true) return 'known'
    const grown = chunk ?? new SequenceChunk()
    const before = chunk === undefined ? 0 : chunk.bytes
    // Asked with what it takes at the most: one more run, or a bitmap in place of runs.
    if (!this.#bound.take(MOST_GROWTH)) return 'refused'
    grown.add(place)
    this.#bound.take(grown.bytes - before - MOST_GROWTH)
    if (chunk === undefined) this.#chunks.set(index, grown)
    this.#last = grown
    this.#lastIndex = index
    this.#count++
    if (sequence > this.#greatest) this.#greatest = sequence
    return 'added'
  }

  /** How many of them are below that one. */
  countBelow(sequence: number): number {
    if (sequence > this.#greatest) return this.#count
    const index = Math.floor(sequence / CHUNK)
    let count = this.#chunks.get(index)?.countBelow(sequence % CHUNK) ?? 0
    for (const [other, chunk] of this.#chunks) if (other < index) count += chunk.count
    return count
  }

  /** What it holds, ascending, as few ranges as there can be. */
  *ranges(): Generator<Range> {
    let open: { first: number; last: number } | undefined
    for (const index of [...this.#chunks.keys()].sort((a, b) => a - b)) {
      const base = index * CHUNK
      for (const run of this.#chunks.get(index)?.runs() ?? []) {
        const first = base + run.first
        if (open !== undefined && open.last === first - 1) open.last = base + run.last
        else {
          if (open !== undefined) yield open
          open = { first, last: base + run.last }
        }
      }
    }
    if (open !== undefined) yield open
  }
}

const MOST_GROWTH = 16_384
