import type { Tenure } from './tenure.js'

/** Bounds of what a book holds. */
export interface BookBounds {
  /** How long after its end a tenure is remembered, milliseconds. */
  readonly ageMs: number
  /** How many that are over are remembered. */
  readonly past: number
  /** How many there are at most, with those that go on. */
  readonly all: number
}

interface Past<T> {
  readonly key: string
  readonly tenure: T
  readonly closedAt: number
}

/** Tenures by what is held, an address say. Those that are over are remembered for a while. */
export class TenureBook<T extends Tenure> {
  readonly #bounds: BookBounds
  /** Most things are held by one alone: that stands for a list of it. */
  readonly #tenures = new Map<string, T | T[]>()
  /** Of what is known in part: what was before this is not known whole, as a tenure was forgotten. */
  readonly #forgottenTo = new Map<string, number>()
  /** Those that are over, in the order in which that was heard. */
  readonly #past = new Set<Past<T>>()
  /** Tenures that were forgotten before their time: there were more than the bound. */
  evicted = 0
  /** Tenures that were not taken in: the book was full. */
  refused = 0
  #size = 0

  constructor(bounds: BookBounds) {
    this.#bounds = bounds
  }

  /** Tenures that are remembered and over. */
  get past(): number {
    return this.#past.size
  }

  /** Tenures that go on. */
  get open(): number {
    return this.#size - this.#past.size
  }

  /** @returns false if the book is full */
  add(key: string, tenure: T): boolean {
    const known = this.#tenures.get(key)
    if (this.#size >= this.#bounds.all) {
      this.refused++
      // Of what is not known whole no name is told.
      if (known !== undefined) this.#forgottenTo.set(key, Number.POSITIVE_INFINITY)
      return false
    }
    this.#size++
    if (known === undefined) this.#tenures.set(key, tenure)
    else if (Array.isArray(known)) known.push(tenure)
    else this.#tenures.set(key, [known, tenure])
    return true
  }

  /**
   * Ends a tenure of this book.
   *
   * @param until up to when it surely was
   * @param latest from when on it surely was not
   * @param nowMs when that was heard
   */
  close(key: string, tenure: T, until: number, latest: number, nowMs: number): void {
    tenure.until = until
    tenure.latest = latest
    this.#past.add({ key, tenure, closedAt: nowMs })
    this.forget(nowMs)
  }

  /** Drops what is past its age or over the bound. */
  forget(nowMs: number): void {
    for (const past of this.#past) {
      const isOld = past.closedAt + this.#bounds.ageMs <= nowMs
      if (!isOld && this.#past.size <= this.#bounds.past) return
      if (!isOld) this.evicted++
      this.#past.delete(past)
      this.#drop(past)
    }
  }

  #drop({ key, tenure }: Past<T>): void {
    const known = this.#tenures.get(key)
    if (known === tenure) {
      this.#size--
      this.#tenures.delete(key)
      this.#forgottenTo.delete(key)
      return
    }
    const index = Array.isArray(known) ? known.indexOf(tenure) : -1
    if (!Array.isArray(known) || index < 0) return
    this.#size--
    known.splice(index, 1)
    const [only] = known
    if (known.length === 1 && only !== undefined) this.#tenures.set(key, only)
    const before = this.#forgottenTo.get(key) ?? Number.NEGATIVE_INFINITY
    this.#forgottenTo.set(key, Math.max(before, tenure.latest))
  }

  /**
   * All tenures of a thing that are known, in any order.
   *
   * @returns `undefined` if not all of that time are known any more
   */
  of(key: string, timeMs: number): readonly T[] | undefined {
    const known = this.#tenures.get(key)
    if (known === undefined) return []
    if (timeMs < (this.#forgottenTo.get(key) ?? Number.NEGATIVE_INFINITY)) return undefined
    return Array.isArray(known) ? known : [known]
  }
}
