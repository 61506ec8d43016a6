/** 0 is none: a watch from it would tell what there is once more, and not what is gone. */
const VERSION = /^[1-9]\d{0,38}$/

/** Whether it is a state of the cluster that a watch can begin at. */
export function isResourceVersion(value: unknown): value is string {
  return typeof value === 'string' && VERSION.test(value)
}

/** Whether one is of a later state than another. The API's own objects are numbered by its store, ever upwards. */
export function isLater(one: string, other: string): boolean {
  return one.length === other.length ? one > other : one.length > other.length
}
