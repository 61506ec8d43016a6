import type { ResourceSink } from './resource-sink.js'
import { Gaps } from './time/gaps.js'
import { type Heard, WatchClock } from './time/watch-clock.js'

/** What takes in the objects of a resource one by one. */
export interface Intake<T> {
  /** What tells one from another, as long as it is there. */
  keyOf(item: T): string
  put(item: T, heard: Heard): void
  /** One that was put is gone. */
  remove(key: string, heard: Heard): void
}

/** Objects of one resource as a watch tells them: what is new in a list, and what is missing in it, is told one by one. */
export class Listing<T> implements ResourceSink<T> {
  readonly #intake: Intake<T>
  readonly #most: number
  readonly #clock: WatchClock
  readonly #keys = new Set<string>()
  /** Of what times objects may have been there that were never told. */
  readonly gaps = new Gaps()
  /** Objects that were not taken in: there were more than the bound. */
  refused = 0

  /**
   * @param most objects at most
   * @param now milliseconds since 1970
   */
  constructor(intake: Intake<T>, most: number, now: () => number) {
    this.#intake = intake
    this.#most = most
    this.#clock = new WatchClock(now)
  }

  get size(): number {
    return this.#keys.size
  }

  replace(items: Iterable<T>): void {
    const heard = this.#clock.heard(true)
    this.gaps.add(heard)
    const gone = new Set(this.#keys)
    const all = [...items]
    for (const item of all) gone.delete(this.#intake.keyOf(item))
    // First what is gone: it makes room, and its addresses may be given anew in the same list.
    for (const key of gone) this.#remove(key, heard)
    for (const item of all) this.#put(item, heard)
  }

  put(item: T): void {
    this.#put(item, this.#clock.heard())
  }

  remove(item: T): void {
    const heard = this.#clock.heard()
    this.#remove(this.#intake.keyOf(item), heard)
  }

  #put(item: T, heard: Heard): void {
    const key = this.#intake.keyOf(item)
    if (!this.#keys.has(key) && this.#keys.size >= this.#most) {
      this.refused++
      return
    }
    this.#keys.add(key)
    this.#intake.put(item, heard)
  }

  #remove(key: string, heard: Heard): void {
    if (this.#keys.delete(key)) this.#intake.remove(key, heard)
  }
}
