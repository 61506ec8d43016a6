import type { MemoryBound } from './memory-bound.js'
import type { Range } from './range.js'
import { RangeSet } from './range-set.js'

/** Sinks, and reasons of each, that an epoch has at most. */
const MOST_SINKS = 32
const MOST_REASONS = 32

/** What sinks declared lost of an epoch. */
export class DeclaredLosses {
  readonly #bound: MemoryBound
  readonly #sinks = new Map<string, Map<string, RangeSet>>()

  constructor(bound: MemoryBound) {
    this.#bound = bound
  }

  /** @returns whether there was room */
  add(sink: string, reason: string, first: number, last: number): boolean {
    const reasons = getOrMake(this.#sinks, sink, MOST_SINKS, () => new Map<string, RangeSet>())
    if (reasons === undefined) return false
    return (
      getOrMake(reasons, reason, MOST_REASONS, () => new RangeSet(this.#bound))?.add(first, last) ?? false
    )
  }

  /** The greatest sequence that the sinks declared lost; -1 if none. */
  greatest(isAudited: (sink: string) => boolean): number {
    let greatest = -1
    for (const [sink, reasons] of this.#sinks)
      if (isAudited(sink))
        for (const ranges of reasons.values()) greatest = Math.max(greatest, ranges.greatest)
    return greatest
  }

  /** Ranges by reason; those of several sinks stand together, and may overlap. */
  byReason(isAudited: (sink: string) => boolean): ReadonlyMap<string, readonly Iterable<Range>[]> {
    const all = new Map<string, Iterable<Range>[]>()
    for (const [sink, reasons] of this.#sinks) {
      if (!isAudited(sink)) continue
      for (const [reason, ranges] of reasons) all.set(reason, [...(all.get(reason) ?? []), ranges])
    }
    return all
  }
}

function getOrMake<V>(map: Map<string, V>, key: string, most: number, make: () => V): V | undefined {
  const known = map.get(key)
  if (known !== undefined || map.size >= most) return known
  const made = make()
  map.set(key, made)
  return made
}
