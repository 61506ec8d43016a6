/**
 * Finds ids by hash: open addressing, one slot after the other, four bytes each. Whoever asks looks at each id that may be the
 * one: `for (let slot = slots.first(hash); slots.at(slot) >= 0; slot = slots.next(slot))`.
 */
export class IdSlots {
  readonly #hashOf: (id: number) => number
  /** Ids plus one; 0 is empty. */
  #slots = new Uint32Array(64)
  #size = 0

  /** @param hashOf the hash with which an id was put in */
  constructor(hashOf: (id: number) => number) {
    this.#hashOf = hashOf
  }

  get bytes(): number {
    return this.#slots.byteLength
  }

  first(hash: number): number {
    return hash & (this.#slots.length - 1)
  }

  next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1)
  }

  /** The id there; -1 if there is none, and none behind. */
  at(slot: number): number {
    return (this.#slots[slot] as number) - 1
  }

  /** Puts an id in that is not there. */
  put(id: number, hash: number): void {
    if ((this.#size + 1) * 3 > this.#slots.length * 2) this.#grow()
    this.#size++
    this.#place(id, hash)
  }

  /** Takes an id out. Those behind it move up, so that no gap cuts one off from its place. */
  remove(id: number): void {
    let gap = this.first(this.#hashOf(id))
    while (this.at(gap) !== id) {
      if (this.at(gap) < 0) return
      gap = this.next(gap)
    }
    this.#size--
    const mask = this.#slots.length - 1
    for (let slot = this.next(gap); this.at(slot) >= 0; slot = this.next(slot)) {
      const home = this.first(this.#hashOf(this.at(slot)))
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue
      this.#slots[gap] = this.#slots[slot] as number
      gap = slot
    }
    this.#slots[gap] = 0
  }

  #place(id: number, hash: number): void {
    let slot = this.first(hash)
    while (this.at(slot) >= 0) slot = this.next(slot)
    this.#slots[slot] = id + 1
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Uint32Array(old.length * 2)
    for (const entry of old) if (entry > 0) this.#place(entry - 1, this.#hashOf(entry - 1))
  }
}
