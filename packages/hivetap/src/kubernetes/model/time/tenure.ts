/**
 * How long somebody had something, an address say, as far as a watch can tell. All times in milliseconds since 1970, by
 * this host's clock.
 *
 * A watch tells of a thing some time after it was so. That gives two intervals: one in which it was surely so, and a longer
 * one, outside of which it was surely not.
 *
 * ```
 *      earliest        from                    until        latest
 * ─────────┼────────────┼────────────────────────┼─────────────┼──────
 *          ┊  may have  │       surely had       │  may have   ┊
 * ```
 */
export interface Tenure {
  /** Before, it was not so: `-Infinity` where nothing is known of before. */
  readonly earliest: number
  /** From here on it was surely so. */
  readonly from: number
  /** Up to here it was surely so: `Infinity` while nothing else was heard. Not after `from`: it was never surely so. */
  until: number
  /** From here on it was not so any more. */
  latest: number
}

export function surely(tenure: Tenure, timeMs: number): boolean {
  return tenure.from <= timeMs && timeMs < tenure.until
}

export function maybe(tenure: Tenure, timeMs: number): boolean {
  return tenure.earliest <= timeMs && timeMs < tenure.latest
}

/** What was, at a time. */
export type Holding<T> =
  | { readonly kind: 'held'; readonly tenure: T }
  /** Somebody may have had it, and who cannot be told. */
  | { readonly kind: 'doubt' }
  /** Nobody that is known. */
  | { readonly kind: 'nobody' }

/**
 * Who had it: whoever surely had it, if nobody else may have. That is the whole rule; a name that could be wrong is not told.
 *
 * @param tenures all that there were of this one thing, in any order; `undefined` if they are not all known
 * @param same whether two are of the same holder
 */
export function heldAt<T extends Tenure>(
  tenures: readonly T[] | undefined,
  timeMs: number,
  same: (one: T, other: T) => boolean,
): Holding<T> {
  if (tenures === undefined) return { kind: 'doubt' }
  let holder: T | undefined
  let sure: T | undefined
  for (const tenure of tenures) {
    const isSure = surely(tenure, timeMs)
    if (!isSure && !maybe(tenure, timeMs)) continue
    if (holder !== undefined && !same(holder, tenure)) return { kind: 'doubt' }
    holder ??= tenure
    if (isSure) sure ??= tenure
  }
  if (sure !== undefined) return { kind: 'held', tenure: sure }
  return { kind: holder === undefined ? 'nobody' : 'doubt' }
}

/**
 * Tenures of one thing, joined into one a holder, from the first's beginning to the last's end: for holders that do not give it
 * back and get it again, as pods do not with their addresses. Told of by several, or by one that was silent meanwhile, it was
 * theirs in between too.
 */
export function joined<T extends Tenure>(
  tenures: readonly T[],
  same: (one: T, other: T) => boolean,
): readonly T[] {
  if (tenures.length < 2) return tenures
  const all: T[] = []
  for (const tenure of tenures) {
    const index = all.findIndex((each) => same(each, tenure))
    const one = all[index]
    if (one === undefined) all.push(tenure)
    else all[index] = spanning(one, tenure)
  }
  return all
}

function spanning<T extends Tenure>(one: T, other: T): T {
  return {
    ...one,
    earliest: Math.min(one.earliest, other.earliest),
    from: Math.min(one.from, other.from),
    until: Math.max(one.until, other.until),
    latest: Math.max(one.latest, other.latest),
  }
}
