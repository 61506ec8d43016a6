/** Things by time, the earliest first; of one time, what was pushed first. */
export class TimeHeap<T> {
  readonly #entries: Entry<T>[] = []
  #pushed = 0

  get size(): number {
    return this.#entries.length
  }

  /** The earliest time; `undefined` where it is empty. */
  get first(): number | undefined {
    return this.#entries[0]?.time
  }

  push(time: number, item: T): void {
    const entries = this.#entries
    const entry = { time, order: this.#pushed++, item }
    let at = entries.length
    entries.push(entry)
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = entries[above] as Entry<T>
      if (!isBefore(entry, parent)) break
      entries[at] = parent
      at = above
    }
    entries[at] = entry
  }

  /** Takes out the earliest. */
  pop(): T | undefined {
    const entries = this.#entries
    const [top] = entries
    const last = entries.pop()
    if (top === undefined || last === undefined) return undefined
    if (entries.length > 0) this.#sink(last)
    return top.item
  }

  /** Puts an entry into the empty place at the top, and down to where it belongs. */
  #sink(entry: Entry<T>): void {
    const entries = this.#entries
    let at = 0
    for (let below = 1; below < entries.length; below = 2 * at + 1) {
      const [left, right] = [entries[below] as Entry<T>, entries[below + 1]]
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (!isBefore(child, entry)) break
      entries[at] = child
      at = isRight ? below + 1 : below
    }
    entries[at] = entry
  }
}

interface Entry<T> {
  readonly time: number
  readonly order: number
  readonly item: T
}

function isBefore<T>(one: Entry<T>, other: Entry<T>): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order)
}
