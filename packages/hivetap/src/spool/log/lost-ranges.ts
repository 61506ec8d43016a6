import type { LossReason } from '../spool.js'

/** Places of the log that hold nothing to read, from one to another (not included), and why. */
export interface LostRange {
  readonly from: number
  readonly to: number
  readonly reason: LossReason
}

/**
 * Ranges that are kept apart. Beyond them the two oldest become one, with the reason of the larger: how many are lost
 * stays exact.
 */
export const MAX_LOST_RANGES = 512

/** What is lost of a log, in order, without overlap. */
export class LostRanges {
  #ranges: LostRange[] = []

  get all(): readonly LostRange[] {
    return this.#ranges
  }

  /**
   * Adds what is not lost yet: a record is lost once, for the reason that came first.
   *
   * @returns what was added
   */
  add(from: number, to: number, reason: LossReason): readonly LostRange[] {
    const added: LostRange[] = []
    let at = from
    for (const range of this.#ranges) {
      if (range.to <= at) continue
      if (range.from >= to) break
      if (range.from > at) added.push({ from: at, to: range.from, reason })
      at = range.to
    }
    if (at < to) added.push({ from: at, to, reason })
    if (added.length > 0) this.#ranges = bounded(joined([...this.#ranges, ...added]))
    return added
  }

  /** The range that a place is in. */
  at(place: number): LostRange | undefined {
    return this.#ranges.find(({ from, to }) => from <= place && place < to)
  }

  /** A stretch of the log of which nothing can be read, by reason; what nobody gave up is damaged. */
  explain(from: number, to: number): readonly LostRange[] {
    const parts: LostRange[] = []
    let at = from
    for (const range of this.#ranges) {
      if (range.to <= at || range.from >= to) continue
      if (range.from > at) parts.push({ from: at, to: range.from, reason: 'spool_damaged' })
      parts.push({ from: Math.max(at, range.from), to: Math.min(to, range.to), reason: range.reason })
      at = Math.min(to, range.to)
    }
    if (at < to) parts.push({ from: at, to, reason: 'spool_damaged' })
    return parts
  }

  /** Lets go of what lies wholly before a place. */
  forget(before: number): void {
    const [first] = this.#ranges
    if (first !== undefined && first.to <= before) this.#ranges = this.#ranges.filter(({ to }) => to > before)
  }
}

/** In order, neighbours of one reason as one. */
function joined(ranges: readonly LostRange[]): LostRange[] {
  const result: LostRange[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last !== undefined && last.to === range.from && last.reason === range.reason)
      result[result.length - 1] = { ...last, to: range.to }
    else result.push(range)
  }
  return result
}

function bounded(ranges: LostRange[]): LostRange[] {
  if (ranges.length <= MAX_LOST_RANGES) return ranges
  // Only neighbours without anything readable between them can become one.
  const index = ranges.findIndex((range, at) => range.to === ranges[at + 1]?.from)
  const [first, second] = [ranges[index], ranges[index + 1]]
  if (first === undefined || second === undefined) return ranges.slice(ranges.length - MAX_LOST_RANGES)
  const larger = first.to - first.from >= second.to - second.from ? first : second
  return ranges.toSpliced(index, 2, { from: first.from, to: second.to, reason: larger.reason })
}
