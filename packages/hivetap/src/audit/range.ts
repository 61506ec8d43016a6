/** Sequences from one to another, both included. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** How many sequences they hold. */
export function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { first, last }) => sum + (last - first + 1), 0)
}

/**
 * What is in `ranges` and not in `without`. Both ascend and do not overlap.
 *
 * @param without read once, and only as far as it takes
 */
export function subtract(ranges: readonly Range[], without: Iterable<Range>): Range[] {
  const rest: Range[] = []
  const gone = without[Symbol.iterator]()
  let next = gone.next()
  for (const { first, last } of ranges) {
    let from = first
    while (from <= last) {
      while (next.done !== true && next.value.last < from) next = gone.next()
      if (next.done === true || next.value.first > last) {
        rest.push({ first: from, last })
        break
      }
      if (next.value.first > from) rest.push({ first: from, last: next.value.first - 1 })
      from = next.value.last + 1
    }
  }
  return rest
}

/** The part of each that lies between two sequences, both included. */
export function clip(ranges: Iterable<Range>, first: number, last: number): Range[] {
  const inside: Range[] = []
  for (const range of ranges) {
    if (range.first > last) break
    const from = Math.max(range.first, first)
    const to = Math.min(range.last, last)
    if (from <= to) inside.push({ first: from, last: to })
  }
  return inside
}
