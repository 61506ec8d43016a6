import type { WindowTally } from '../windows/window-tally.js'
import { Activity } from './activity.js'
import { KeyTable } from './key-table.js'

/** More keys than this beyond the bound are not taken up before the rarest are thrown out at the end of a window. */
const SLACK = 1.25
/** When there are too many, so many of the bound are kept: not each window throws out a few. */
const KEEP = 0.9

/** The keys that are known, and how often each is seen: where there are too many, the rarest are thrown out. */
export class KnownKeys {
  readonly #maxKeys: number
  readonly #table: KeyTable
  readonly #activity = new Activity()

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
    this.#table = new KeyTable({ maxKeys: Math.ceil(maxKeys * SLACK) })
  }

  get size(): number {
    return this.#table.size
  }

  /** Keys that were thrown out as the rarest. */
  get evicted(): number {
    return this.#table.evicted
  }

  /** Connects of keys that found no room. */
  get refused(): number {
    return this.#table.refused
  }

  /** Id of a key, made if it is new; -1 if there is no room. */
  id(values: readonly string[]): number {
    return this.#table.id(values)
  }

  valuesOf(id: number): readonly string[] {
    return this.#table.valuesOf(id)
  }

  ids(): Iterable<number> {
    return this.#table.ids()
  }

  /** A window is over. */
  saw(tally: WindowTally): void {
    this.#activity.add(tally)
  }

  activityOf(id: number): number {
    return this.#activity.save(id)
  }

  restoreActivity(id: number, activity: number): void {
    this.#activity.restore(id, activity)
  }

  remove(id: number): void {
    this.#activity.forget(id)
    this.#table.remove(id)
  }

  /**
   * Throws out the rarest, if there are too many.
   *
   * @param isKept of what is being counted or told nothing is forgotten, however rare it is
   * @returns ids that are of no key any more
   */
  evict(isKept: (id: number) => boolean): readonly number[] {
    if (this.size <= this.#maxKeys) return []
    let kept = 0
    for (const id of this.ids()) if (isKept(id)) kept++
    const weight = (id: number) => (isKept(id) ? Number.POSITIVE_INFINITY : this.#activity.of(id))
    const gone = this.#table.evictRarest(Math.max(kept, Math.floor(this.#maxKeys * KEEP)), weight)
    for (const id of gone) this.#activity.forget(id)
    return gone
  }
}
