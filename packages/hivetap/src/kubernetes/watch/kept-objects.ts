import type { JsonObject } from '../../stream/json-object.js'
import type { KubeObject } from '../client/object-meta.js'
import type { WatchCounts } from './watch-counts.js'
import type { WatchSink } from './watch-sink.js'

/** As many as a large cluster has of anything. */
const MOST_OBJECTS = 200_000

/** What is kept of objects, and who is told. */
export interface KeepOptions<T> {
  /**
   * What is kept of an object; `undefined` if it is not wanted. It is called with each as it comes, and is to keep no part of
   * it that is large: a string cut from it keeps all of it.
   */
  readonly pick: (object: JsonObject) => T | undefined
  /**
   * What is left of it once the sink has been told: enough for the sink to know which one is gone. All of it without; where the
   * sink keeps what it needs, the rest would be kept twice, and be garbage that is old each time that the object changes.
   */
  readonly rest?: (picked: T) => T
  readonly sink: WatchSink<T>
  /** Objects that are taken; of more there are, the rest is counted. */
  readonly mostObjects?: number
}

/** A list that is being read. */
export interface BegunList {
  add(object: KubeObject): void
  /** It is whole: from now on there is what it has, and nothing else. */
  end(): void
}

/** What a sink was told that there is, within a bound. What is not taken is counted. */
export class KeptObjects<T> {
  readonly #options: KeepOptions<T>
  readonly #counts: WatchCounts
  /** By UID. */
  #objects = new Map<string, T>()

  constructor(options: KeepOptions<T>, counts: WatchCounts) {
    this.#options = options
    this.#counts = counts
  }

  /** Begins a list, of which the sink is told nothing until it ends. */
  list(): BegunList {
    const objects = new Map<string, T>()
    return {
      add: (object) => {
        const picked = this.#pick(object)
        if (picked !== undefined) this.#keep(objects, object.key.uid, picked)
      },
      end: () => {
        this.#objects = objects
        this.#options.sink.replace(objects.values())
        const { rest } = this.#options
        if (rest !== undefined) for (const [uid, picked] of objects) objects.set(uid, rest(picked))
      },
    }
  }

  /** It is there, or is another than it was. */
  put(object: KubeObject): void {
    const { uid } = object.key
    const picked = this.#pick(object)
    if (picked === undefined) this.#drop(uid)
    else if (this.#keep(this.#objects, uid, this.#options.rest?.(picked) ?? picked))
      this.#options.sink.put(picked)
  }

  /** @param last as it was when it went */
  remove(last: KubeObject): void {
    this.#drop(last.key.uid, last)
  }

  /** What is kept of it. An object that the caller cannot read is as one that is not there: what was known of it is old. */
  #pick({ object }: KubeObject): T | undefined {
    try {
      return this.#options.pick(object)
    } catch {
      this.#counts.malformed++
      return undefined
    }
  }

  /** Within the bound: whether it was taken. */
  #keep(objects: Map<string, T>, uid: string, picked: T): boolean {
    const isTaken = objects.has(uid) || objects.size < (this.#options.mostObjects ?? MOST_OBJECTS)
    if (isTaken) objects.set(uid, picked)
    else this.#counts.tooMany++
    return isTaken
  }

  #drop(uid: string, last?: KubeObject): void {
    const known = this.#objects.get(uid)
    if (known === undefined) return
    this.#objects.delete(uid)
    this.#options.sink.remove((last && this.#pick(last)) ?? known)
  }
}
