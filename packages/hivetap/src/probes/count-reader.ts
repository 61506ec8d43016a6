import { type BpfMap, monotonicNs } from '@hivetap/bpf'
import type { Counted, Counts } from './counting.js'

/** What is asked of a map of counts. */
export type CountMap<K, V> = Pick<BpfMap<K, V>, 'entries' | 'take' | 'maxEntries'>

/** How a map of counts is understood. */
export interface CountMeaning<K, V> {
  /** A text that no two keys share. */
  readonly identity: (key: K) => string
  readonly count: (value: V) => number
}

/**
 * Reads a map of counts that programs add to. In the kernel values only grow: what is told is the difference to what was
 * read before, so that nothing is lost between reading and setting back.
 *
 * A map that is more than half full is relieved of keys that nothing was added to since they were read before. A program
 * that looked one up just then may still add to what is no longer there, or to what another key has in its place: what
 * it adds is in no count that is read, or in another. The account has it as `evicted`: counted, and not read.
 */
export class CountReader<K, V> implements Counts<K> {
  taken = 0
  readonly #map: CountMap<K, V>
  readonly #meaning: CountMeaning<K, V>
  readonly #nowNs: () => bigint
  /** What each key held when it was read before: as many as the map has. */
  readonly #before = new Map<string, number>()
  #canTake = true

  constructor(map: CountMap<K, V>, meaning: CountMeaning<K, V>, nowNs: () => bigint = monotonicNs) {
    this.#map = map
    this.#meaning = meaning
    this.#nowNs = nowNs
  }

  read(last: boolean): Counted<K>[] {
    const timeNs = Number(this.#nowNs())
    const rows: Counted<K>[] = []
    const idle: K[] = []
    let entries = 0
    for (const [key, value] of this.#map.entries()) {
      entries++
      const id = this.#meaning.identity(key)
      const before = this.#before.get(id)
      const now = this.#meaning.count(value)
      const count = now - (before ?? 0)
      this.#before.set(id, now)
      if (count > 0) rows.push({ key, count, timeNs })
      // One that is new and holds nothing is just being counted.
      else if (before !== undefined) idle.push(key)
    }
    if (!last && entries > this.#map.maxEntries / 2) {
      for (const key of idle) {
        const count = this.#free(key)
        if (count > 0) rows.push({ key, count, timeNs })
      }
    }
    for (const { count } of rows) this.taken += count
    return rows.sort((one, other) => other.count - one.count)
  }

  /** Takes a key out. @returns what was added to it since it was read */
  #free(key: K): number {
    if (!this.#canTake) return 0
    const id = this.#meaning.identity(key)
    try {
      const value = this.#map.take(key)
      const before = this.#before.get(id) ?? 0
      this.#before.delete(id)
      return value === undefined ? 0 : this.#meaning.count(value) - before
    } catch (error) {
      // Before Linux 5.14. To read, and then to delete, would lose what comes between: the map fills, and says so.
      if (!CANNOT_TAKE.includes((error as { errnoName?: string }).errnoName ?? '')) throw error
      this.#canTake = false
      return 0
    }
  }
}

const CANNOT_TAKE = ['ENOTSUPP', 'EOPNOTSUPP', 'EINVAL']
