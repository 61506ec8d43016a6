/**
 * A map that keeps what was asked for of late, and no more than so many entries. It is two maps: what was put in or asked for
 * since they were last exchanged, and what was before that. To find something in the first is one look into a Map, without
 * which none could be so cheap; what nobody asks for while the first fills up is dropped.
 */
export class RecentMap<K, V> {
  readonly #half: number
  #young = new Map<K, V>()
  #old = new Map<K, V>()
  #evicted = 0

  /** @param limit how many entries at most: two or more */
  constructor(limit: number) {
    this.#half = Math.max(1, Math.floor(limit / 2))
  }

  /** Entries that are there. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Entries that were dropped for others. */
  get evicted(): number {
    return this.#evicted
  }

  get(key: K): V | undefined {
    const found = this.#young.get(key)
    if (found !== undefined) return found
    const older = this.#old.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: K, value: V): void {
    this.#old.delete(key)
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#evicted += this.#old.size
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete(key: K): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}
