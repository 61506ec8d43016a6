import { NumberStack } from './number-stack.js'

const CHUNK_BITS = 14
/** Slots of a chunk: memory is taken by the chunk, and no block reaches from one into the next. */
export const CHUNK_SLOTS = 1 << CHUNK_BITS
/** Slots of the smallest block. */
export const LEAST_BLOCK = 4
const LEAST_BITS = 2
/** Free blocks of a size, at least, before it is looked which of them lie side by side. */
const JOIN_FROM = 1024

/** Which chunk a place is in. */
export function chunkOf(place: number): number {
  return place >>> CHUNK_BITS
}

/** Where in its chunk a place is. */
export function slotOf(place: number): number {
  return place & (CHUNK_SLOTS - 1)
}

/** Slots of the block that holds `length` entries: 4, 8, 16, … */
export function blockFor(length: number): number {
  return length <= LEAST_BLOCK ? LEAST_BLOCK : 1 << (32 - Math.clz32(length - 1))
}

/**
 * Says where blocks of slots are, in chunks that the owner keeps. What is given back is used again for blocks of the same size,
 * else cut in halves for smaller ones. Where many are free, those that lie side by side are joined for larger ones: rows that all
 * grow at one time leave no holes of each size that they had.
 */
export class BlockPlaces {
  readonly #free: NumberStack[] = []
  /** By size, how many must be free before they are looked through again: so each is looked at a few times only. */
  readonly #joinAt: number[] = []
  readonly #addChunk: () => void
  #end = 0
  #chunks = 0

  /** @param addChunk asked for one more chunk, at the end */
  constructor(addChunk: () => void) {
    this.#addChunk = addChunk
    for (let bits = LEAST_BITS; bits <= CHUNK_BITS; bits++) {
      this.#free.push(new NumberStack())
      this.#joinAt.push(JOIN_FROM)
    }
  }

  /** Bytes of what it keeps itself. */
  get bytes(): number {
    return this.#free.reduce((sum, stack) => sum + stack.bytes, 0)
  }

  /** A place for a block. What stands there is of whoever had it before. @param size as `blockFor` says it */
  take(size: number): number {
    const place = this.#stackOf(size).pop()
    if (place >= 0) return place
    return this.#cut(size) ?? this.#joined(size) ?? this.#atEnd(size)
  }

  /** Takes a block back: nobody may use its place any more. */
  give(place: number, size: number): void {
    this.#stackOf(size).push(place)
  }

  #stackOf(size: number): NumberStack {
    return this.#free[indexOf(size)] as NumberStack
  }

  #cut(size: number): number | undefined {
    for (let larger = size * 2; larger <= CHUNK_SLOTS; larger *= 2) {
      const place = this.#stackOf(larger).pop()
      if (place < 0) continue
      for (let half = larger / 2; half >= size; half /= 2) this.give(place + half, half)
      return place
    }
    return undefined
  }

  /** One that is joined of two; more are kept for whoever asks next. */
  #joined(size: number): number | undefined {
    const half = size / 2
    if (half < LEAST_BLOCK) return undefined
    const stack = this.#stackOf(half)
    if (stack.length < (this.#joinAt[indexOf(half)] as number)) return undefined
    const places = stack.sort()
    let kept = 0
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as number
      if (places[index + 1] === place + half && chunkOf(place) === chunkOf(place + half)) {
        this.give(place, size)
        index++
      } else places[kept++] = place
    }
    stack.cutTo(kept)
    this.#joinAt[indexOf(half)] = Math.max(JOIN_FROM, kept * 2)
    const place = this.#stackOf(size).pop()
    return place < 0 ? undefined : place
  }

  #atEnd(size: number): number {
    const room = this.#chunks * CHUNK_SLOTS - this.#end
    if (room < size) {
      this.#giveRest()
      this.#addChunk()
      this.#chunks++
    }
    const place = this.#end
    this.#end += size
    return place
  }

  /** What is left of a chunk serves for smaller blocks: the end may stand at any multiple of the smallest one. */
  #giveRest(): void {
    const limit = this.#chunks * CHUNK_SLOTS
    while (this.#end < limit) {
      const size = 1 << (31 - Math.clz32(limit - this.#end))
      this.give(this.#end, size)
      this.#end += size
    }
  }
}

/** Where what is kept of a size stands in a list. */
function indexOf(size: number): number {
  return 31 - Math.clz32(size) - LEAST_BITS
}
