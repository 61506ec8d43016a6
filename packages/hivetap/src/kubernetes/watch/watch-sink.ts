import type { WatchState } from './watch-state.js'

/** Where a watcher puts what it is told, in the order in which it happened. What it calls is not to wait. */
export interface WatchSink<T> {
  /** These are all there are, each once: what was known and is not among them is gone. */
  replace(objects: Iterable<T>): void
  /** An object is there, or is another than it was. */
  put(object: T): void
  /** One that was put is gone, or is not wanted any more: as it was at last. */
  remove(object: T): void
  /** Told as it becomes another. */
  state?(state: WatchState): void
}
