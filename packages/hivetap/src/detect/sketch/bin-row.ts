/** What a bin counts at most. */
export const MOST_COUNT = 2 ** 32 - 1

/** Adds to a count. Whether it could be: else it stays at the most. */
export function countUp(counts: Uint32Array, slot: number, count: number): boolean {
  const sum = (counts[slot] as number) + count
  counts[slot] = Math.min(sum, MOST_COUNT)
  return sum <= MOST_COUNT
}

/** Puts a bin into a row that has room at its end: those from `slot` on move up. */
export function insertBin(
  bins: Uint16Array,
  counts: Uint32Array,
  slot: number,
  end: number,
  bin: number,
  count: number,
): void {
  for (let to = end; to > slot; to--) {
    bins[to] = bins[to - 1] as number
    counts[to] = counts[to - 1] as number
  }
  bins[slot] = bin
  counts[slot] = count
}

/**
 * Puts a bin into a row that is full: the lowest of all is joined with the next. So the highest ones are always kept, and the
 * lowest holds all that was below: whatever the order was.
 *
 * @param at the first slot of the row
 * @param slot of the first bin that is greater
 * @returns whether all could be counted
 */
export function insertAndJoin(
  bins: Uint16Array,
  counts: Uint32Array,
  at: number,
  slot: number,
  bin: number,
  count: number,
): boolean {
  if (slot <= at + 1) {
    if (slot > at) bins[at] = bin
    return countUp(counts, at, count)
  }
  const counted = countUp(counts, at + 1, counts[at] as number)
  for (let to = at; to < slot - 1; to++) {
    bins[to] = bins[to + 1] as number
    counts[to] = counts[to + 1] as number
  }
  bins[slot - 1] = bin
  counts[slot - 1] = count
  return counted
}

/**
 * Slot of the first bin that is not below this one; the slot behind the last if all are. Without a branch that depends on the
 * bins: they come in no order that a processor could foresee.
 */
export function firstNotBelow(bins: Uint16Array, at: number, length: number, bin: number): number {
  let slot = at
  for (let rest = length; rest > 1; ) {
    const half = rest >>> 1
    slot += half & (((bins[slot + half - 1] as number) - bin) >> 31)
    rest -= half
  }
  return slot - (((bins[slot] as number) - bin) >> 31)
}
