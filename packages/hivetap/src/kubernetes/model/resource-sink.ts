/** What tells an object from all others of its resource; of what is in no namespace that is empty. */
export interface ObjectName {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** What a watch fills: the objects of one resource, trimmed as they came. */
export interface ResourceSink<T> {
  /** All there are, as a list told it: at first, and each time the watch had to begin anew. */
  replace(items: Iterable<T>): void
  /** One that is new, or has changed. */
  put(item: T): void
  /** One is gone, or is not wanted any more; it may never have been known. */
  remove(key: ObjectName): void
}
