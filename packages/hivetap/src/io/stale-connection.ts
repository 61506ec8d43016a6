import type { ClientRequest } from 'node:http'

/** A connection that was kept was closed by the server just as it was used: nothing is wrong with the request. */
class StaleConnection extends Error {}

/** What a request’s failure is rejected with, so that {@link notStale} knows a stale connection. */
export function failureOf(
  { reusedSocket }: Pick<ClientRequest, 'reusedSocket'>,
  error: NodeJS.ErrnoException,
): Error {
  const isStale = reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
  return isStale ? new StaleConnection('closed', { cause: error }) : error
}

/**
 * Makes a request, once more if the connection that it went over was stale.
 *
 * @throws what the last of them fails with
 */
export async function notStale<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error
    return request().catch((again: unknown) => {
      throw again instanceof StaleConnection ? again.cause : again
    })
  }
}
