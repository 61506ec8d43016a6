/** What ids are compared by, one after the other: the less, the sooner an id is thrown out. */
export type Criterion = (ids: Uint32Array) => Float64Array

/**
 * The `count` least of some ids: by the first criterion, those that are equal by the next, and so on. No order of the ids plays a
 * part if the criteria tell all of them apart. A criterion is asked only for those whom the ones before could not part.
 *
 * @param count up to as many as there are
 */
export function leastOf(ids: Uint32Array, count: number, criteria: readonly Criterion[]): Uint32Array {
  const least = new Uint32Array(count)
  let found = 0
  let left = ids
  for (const criterion of criteria) {
    if (found === count) return least
    const values = criterion(left)
    const limit = values.slice().sort()[count - found - 1] as number
    const equal = new Uint32Array(left.length)
    let equals = 0
    for (let index = 0; index < left.length; index++) {
      const value = values[index] as number
      if (value < limit) least[found++] = left[index] as number
      else if (value === limit) equal[equals++] = left[index] as number
    }
    left = equal.subarray(0, equals)
  }
  least.set(left.subarray(0, count - found), found)
  return least
}

/** A criterion that looks at each id by itself. What is no number counts as 0. */
export function by(valueFor: (id: number) => number): Criterion {
  return (ids) => {
    const values = new Float64Array(ids.length)
    for (let index = 0; index < ids.length; index++) values[index] = valueFor(ids[index] as number) || 0
    return values
  }
}

/** A criterion of texts, by UTF-16 code units. @param partOf the number of an id's text */
export function byText(partOf: (id: number) => number, textOf: (part: number) => string): Criterion {
  return (ids) => {
    const parts = new Set<number>()
    for (const id of ids) parts.add(partOf(id))
    const inOrder = [...parts].sort((one, other) => (textOf(one) < textOf(other) ? -1 : 1))
    const ranks = new Map(inOrder.map((part, rank) => [part, rank]))
    return by((id) => ranks.get(partOf(id)) as number)(ids)
  }
}
