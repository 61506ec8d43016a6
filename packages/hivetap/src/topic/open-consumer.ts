import type { Consumer } from '@platformatic/kafka'
import { clientOptions } from '../sinks/kafka/secrets.js'
import { signingInOnce } from '../sinks/kafka/sign-in.js'
import { InputError } from './input-error.js'
import type { TopicAccess } from './topic-access.js'

/**
 * A client that can read the topic. It joins no group and commits nothing.
 *
 * @throws {DeliveryError} if a secret cannot be read
 */
export async function openConsumer(access: TopicAccess): Promise<Consumer> {
  const options = await clientOptions(access)
  // Loaded only now: it takes longer than most commands run.
  const library = await import('@platformatic/kafka')
  const consumer: Consumer = new library.Consumer({
    // A sign-in that has run out ends a connection: the next try has a new one.
    ...signingInOnce(library, options),
    clientId: 'hivetap-audit',
    bootstrapBrokers: [...access.brokers],
    // The client asks for a name; no group of it is joined.
    groupId: 'hivetap-audit',
    autocommit: false,
    connectTimeout: 5000,
    requestTimeout: 20_000,
    retries: 2,
    retryDelay: 250,
    autocreateTopics: false,
  })
  consumer.topics.track(access.topic)
  return consumer
}

/** What a failure of the client comes from: its own errors hold others, and the innermost says it. */
export function inputError(what: string, error: unknown): InputError {
  if (error instanceof InputError) return error
  return new InputError(`${what}: ${innermost(error)}`, { cause: error })
}

/** Errors within each other, at most: one may hold itself. */
const MOST_DEPTH = 10

function innermost(error: unknown): string {
  let inner = error
  for (let depth = 0; depth < MOST_DEPTH; depth++) {
    const within: unknown =
      inner instanceof AggregateError
        ? (inner.errors.at(-1) ?? inner.cause)
        : inner instanceof Error
          ? inner.cause
          : undefined
    if (within === undefined) break
    inner = within
  }
  return inner instanceof Error ? inner.message : String(inner)
}
