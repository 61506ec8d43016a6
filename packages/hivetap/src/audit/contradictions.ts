/** What does not go together. */
export type ContradictionKind =
  /** Two records under one name that are not the same. */
  | 'content'
  /** An epoch that two nodes claim. */
  | 'host'
  /** The account of a tool that does not add up. */
  | 'sum'
  /** What the tools have told is not what was numbered. */
  | 'delivered'
  /** What summaries stand for is not what was summed up. */
  | 'summaries'
  /** What an epoch says of its sequences is not what is there. */
  | 'sequences'

export interface Contradiction {
  readonly kind: ContradictionKind
  /** What, in a sentence; may hold what others have written. */
  readonly what: string
}

/** How many are told of an epoch: the first say enough, all are counted. */
const MOST_TOLD = 10

/** What an epoch contradicts itself in. */
export class Contradictions {
  readonly #told: Contradiction[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  get told(): readonly Contradiction[] {
    return this.#told
  }

  add(kind: ContradictionKind, what: string): void {
    this.#count++
    if (this.#told.length < MOST_TOLD) this.#told.push({ kind, what })
  }
}
