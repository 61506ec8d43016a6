import type { Range } from './range.js'

/** Sequences of one chunk. */
export const CHUNK = 65_536
const WORDS = CHUNK / 32
const BITMAP_BYTES = WORDS * 4
/** Runs that a list holds before a bitmap takes less, and less time. */
const MOST_RUNS = 128
const BYTES_A_RUN = 16
/** What a chunk takes beside its runs. */
const CHUNK_BYTES = 128

/**
 * Which of 65,536 sequences following on each other are in a set. While they come in long runs, it is a list of these; where they
 * do not, a bit each; and nothing once all are there. As in Roaring bitmaps (Lemire et al., 2016).
 */
export class SequenceChunk {
  count = 0
  /** First and last of each run, in turn. */
  #runs: number[] | undefined = []
  #bits: Uint32Array | undefined

  /** Bytes that it takes, roughly. */
  get bytes(): number {
    if (this.#bits !== undefined) return CHUNK_BYTES + BITMAP_BYTES
    return CHUNK_BYTES + ((this.#runs?.length ?? 0) / 2) * BYTES_A_RUN
  }

  has(place: number): boolean {
    if (this.#bits !== undefined) return ((this.#bits[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0
    if (this.#runs === undefined) return true
    const at = runAt(this.#runs, place)
    return at >= 0 && place <= (this.#runs[at + 1] ?? -1)
  }

  /** Adds a place that it has not. @param place from 0 to 65,535 */
  add(place: number): void {
    this.count++
    if (this.#bits !== undefined) setBit(this.#bits, place)
    else if (this.#runs !== undefined) this.#addToRuns(this.#runs, place)
    if (this.count === CHUNK) {
      this.#runs = undefined
      this.#bits = undefined
    }
  }

  /** How many of its places are below that one. */
  countBelow(place: number): number {
    let count = 0
    for (const { first, last } of this.runs()) {
      if (first >= place) break
      count += Math.min(last, place - 1) - first + 1
    }
    return count
  }

  *runs(): Generator<Range> {
    if (this.#bits !== undefined) yield* runsOfBits(this.#bits)
    else if (this.#runs === undefined) yield { first: 0, last: CHUNK - 1 }
    else
      for (let at = 0; at < this.#runs.length; at += 2)
        yield { first: this.#runs[at] ?? 0, last: this.#runs[at + 1] ?? 0 }
  }

  #addToRuns(runs: number[], place: number): void {
    const at = runAt(runs, place)
    const joinsBefore = at >= 0 && runs[at + 1] === place - 1
    const joinsNext = runs[at + 2] === place + 1
    if (joinsBefore && joinsNext) runs.splice(at + 1, 2)
    else if (joinsBefore) runs[at + 1] = place
    else if (joinsNext) runs[at + 2] = place
    else {
      runs.splice(at + 2, 0, place, place)
      if (runs.length > MOST_RUNS * 2) this.#toBits(runs)
    }
  }

  #toBits(runs: readonly number[]): void {
    const bits = new Uint32Array(WORDS)
    for (let at = 0; at < runs.length; at += 2)
      for (let place = runs[at] ?? 0; place <= (runs[at + 1] ?? -1); place++) setBit(bits, place)
    this.#bits = bits
    this.#runs = undefined
  }
}

/** Where the last run that does not begin behind `place` stands; -2 if there is none. */
function runAt(runs: readonly number[], place: number): number {
  // Nearly always the last.
  if (runs.length > 0 && (runs[runs.length - 2] ?? 0) <= place) return runs.length - 2
  let low = 0
  let high = runs.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((runs[middle * 2] ?? 0) <= place) low = middle + 1
    else high = middle
  }
  return (low - 1) * 2
}

function setBit(bits: Uint32Array, place: number): void {
  bits[place >>> 5] = (bits[place >>> 5] ?? 0) | (1 << (place & 31))
}

function* runsOfBits(bits: Uint32Array): Generator<Range> {
  let first = -1
  for (let place = 0; place <= CHUNK; place++) {
    const isSet = place < CHUNK && ((bits[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0
    if (isSet && first < 0) first = place
    if (isSet || first < 0) continue
    yield { first, last: place - 1 }
    first = -1
  }
}
