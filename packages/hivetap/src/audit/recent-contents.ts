const FIELDS = 4

/**
 * What lately was received under which name, to tell a copy from another content under the same name. It has a fixed size: a name
 * whose place was taken since is not known any more, and that is said.
 */
export class RecentContents {
  readonly #slots: Uint32Array
  readonly #mask: number

  /** @param places a power of two; each takes 16 bytes */
  constructor(places: number) {
    this.#slots = new Uint32Array(places * FIELDS)
    this.#mask = places - 1
  }

  /** @param epoch a number for the epoch, from 1 on */
  remember(epoch: number, sequence: number, hash: number): void {
    const at = this.#at(epoch, sequence)
    this.#slots[at] = epoch
    this.#slots[at + 1] = sequence
    this.#slots[at + 2] = Math.floor(sequence / 2 ** 32)
    this.#slots[at + 3] = hash
  }

  /** Whether what was received before under that name is the same. */
  compare(epoch: number, sequence: number, hash: number): 'same' | 'other' | 'unknown' {
    const at = this.#at(epoch, sequence)
    const slots = this.#slots
    const isKnown =
      slots[at] === epoch &&
      slots[at + 1] === sequence >>> 0 &&
      slots[at + 2] === Math.floor(sequence / 2 ** 32)
    if (!isKnown) return 'unknown'
    return slots[at + 3] === hash ? 'same' : 'other'
  }

  /** Sequences of an epoch that follow on each other stand beside each other, and do not push each other out. */
  #at(epoch: number, sequence: number): number {
    return ((Math.imul(epoch, 0x9e3779b1) + (sequence >>> 0)) & this.#mask) * FIELDS
  }
}
