/**
 * Puts things together that have the same key, in their order. Where all have the same, as nearly always, the one group is what
 * was given.
 */
export function groupsOf<T, K>(things: readonly T[], keyOf: (thing: T) => K): ReadonlyMap<K, readonly T[]> {
  const [first] = things
  if (first === undefined) return new Map()
  const key = keyOf(first)
  if (things.every((thing) => keyOf(thing) === key)) return new Map([[key, things]])
  const groups = new Map<K, T[]>()
  for (const thing of things) {
    const own = keyOf(thing)
    const group = groups.get(own)
    if (group === undefined) groups.set(own, [thing])
    else group.push(thing)
  }
  return groups
}
