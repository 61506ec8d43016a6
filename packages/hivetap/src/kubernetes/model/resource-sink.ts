/** What a watch fills: the objects of one resource, trimmed as they came. */
export interface ResourceSink<T> {
  /** All there are, as a list told it: at first, and each time the watch had to begin anew. */
  replace(items: Iterable<T>): void
  /** One that is new, or has changed. */
  put(item: T): void
  /** One that is gone, as it was at last. */
  remove(item: T): void
}
