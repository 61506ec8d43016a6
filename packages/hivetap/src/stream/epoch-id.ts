const EPOCH_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether it is an epoch's name, as hivetap writes it: a UUID in lower case. */
export function isEpochId(value: unknown): value is string {
  return typeof value === 'string' && EPOCH_ID.test(value)
}
