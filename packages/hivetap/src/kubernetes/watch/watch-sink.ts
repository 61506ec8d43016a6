import type { ResourceSink } from '../model/resource-sink.js'
import type { WatchState } from './watch-state.js'

/** Where a watcher puts what it is told, in the order in which it happened. What it calls is not to wait. */
export interface WatchSink<T> extends ResourceSink<T> {
  /** Told as it becomes another. */
  state?(state: WatchState): void
}
