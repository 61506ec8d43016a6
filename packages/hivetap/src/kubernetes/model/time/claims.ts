import type { Tenure } from './tenure.js'
import type { TenureBook } from './tenure-book.js'
import type { Heard } from './watch-clock.js'

/** A tenure, and what is held. */
export interface Claim<T extends Tenure> {
  readonly key: string
  readonly tenure: T
}

/** How tenures end that an object does not claim any more. */
export interface ClaimEnd {
  /** Up to when they surely were. */
  readonly until: number
  /** From when on they surely were not. */
  readonly latest: number
  /** When that was heard. */
  readonly at: number
}

/** The end of what a watch does not tell any more: it may have been any time since. */
export function endedBy({ since, at }: Heard): ClaimEnd {
  return { until: since, latest: at, at }
}

/** What each object claims in a book: told anew as a whole, those tenures go on that are still claimed. */
export class Claims<T extends Tenure> {
  readonly #book: TenureBook<T>
  readonly #idOf: (tenure: T) => string
  readonly #byObject = new Map<string, readonly Claim<T>[]>()

  /** @param idOf the same for tenures that tell the same, of one object and one key */
  constructor(book: TenureBook<T>, idOf: (tenure: T) => string) {
    this.#book = book
    this.#idOf = idOf
  }

  put(object: string, claims: readonly Claim<T>[], end: ClaimEnd): void {
    const before = new Map<string, Claim<T>>()
    for (const claim of this.#byObject.get(object) ?? []) before.set(this.#id(claim), claim)
    const now = new Map<string, Claim<T>>()
    for (const claim of claims) {
      const id = this.#id(claim)
      if (now.has(id)) continue
      const known = before.get(id)
      if (known !== undefined) now.set(id, known)
      else if (this.#book.add(claim.key, claim.tenure)) now.set(id, claim)
    }
    for (const [id, { key, tenure }] of before)
      if (!now.has(id)) this.#book.close(key, tenure, end.until, end.latest, end.at)
    if (now.size === 0) this.#byObject.delete(object)
    else this.#byObject.set(object, [...now.values()])
  }

  #id({ key, tenure }: Claim<T>): string {
    return `${key} ${this.#idOf(tenure)}`
  }
}
