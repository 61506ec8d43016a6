import type { ObjectKey } from '../client/object-meta.js'
import type { WatchState } from './watch-state.js'

/** Where a watcher puts what it is told, in the order in which it happened. What it calls is not to wait. */
export interface WatchSink<T> {
  /** These are all there are, each once: what was known and is not among them is gone. */
  replace(objects: readonly T[]): void
  /** An object is there, or is another than it was. */
  put(object: T): void
  /** An object is gone, or is not wanted any more; it may never have been known. */
  remove(key: ObjectKey): void
  /** Told as it becomes another. */
  state(state: WatchState): void
}
