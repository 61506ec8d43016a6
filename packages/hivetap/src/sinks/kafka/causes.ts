/** As much as is looked at of an error: errors nest, and might do so in a circle. */
const MAX_CAUSES = 64

/** An error, what it consists of and what caused it, outermost first. */
export function causesOf(error: unknown): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = []
  const waiting: unknown[] = [error]
  while (waiting.length > 0 && found.length < MAX_CAUSES) {
    const next = waiting.shift()
    if (typeof next !== 'object' || next === null || found.includes(next as Record<string, unknown>)) continue
    const cause = next as Record<string, unknown>
    found.push(cause)
    if (Array.isArray(cause['errors'])) waiting.push(...cause['errors'])
    waiting.push(cause['cause'])
  }
  return found
}

/** The name that Kafka's protocol has for what the broker answered, `NOT_LEADER_OR_FOLLOWER`; `undefined` if it did not answer. */
export function brokerAnswer(error: unknown): string | undefined {
  const id = causesOf(error).find((cause) => typeof cause['apiId'] === 'string')?.['apiId']
  return id as string | undefined
}
