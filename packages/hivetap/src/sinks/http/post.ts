import type { Agent, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { failureOf, notStale } from '../../io/stale-connection.js'

/** Of an answer, so much is read at most; of one that is longer the connection is given up. */
const MOST_ANSWER = 65_536
/** Of it, so much is told. */
const EXCERPT = 200

/** What a server answered. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The beginning of its body: hostile text. */
  readonly excerpt: string
}

/** A request that is to be made. */
export interface Post {
  readonly url: URL
  readonly agent: Agent
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Buffer
  /** Ends it, with its answer. */
  readonly signal: AbortSignal
}

/**
 * Makes a POST. A connection that was kept, and that the server closed just then, is not the end of it: a new one is taken.
 *
 * @throws {Error} where no answer came
 */
export function post(what: Post): Promise<Answer> {
  return notStale(() => once(what))
}

function once({ url, agent, headers, body, signal }: Post): Promise<Answer> {
  const make = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = make(url, {
      method: 'POST',
      agent,
      signal,
      headers: { ...headers, 'content-length': body.byteLength },
    })
    request.on('error', (error) => reject(failureOf(request, error)))
    request.on('response', (response) => {
      readAnswer(response).then(resolve, reject)
      // An early answer to a body that is not all sent: what is left would stand before the next request.
      response.once('close', () => {
        if (!request.writableFinished) request.destroy()
      })
    })
    request.end(body)
  })
}

/** Its status decides; its body is read so that the connection can be kept, as long as it is short. */
async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      if (bytes < EXCERPT) parts.push(part)
      bytes += part.byteLength
      if (bytes > MOST_ANSWER) break
    }
  } catch {
    // Cut off, or too slow: what the server made of the batch it has said.
  }
  if (!response.complete) response.destroy()
  const excerpt = Buffer.concat(parts).subarray(0, EXCERPT).toString('utf8')
  return { status: response.statusCode ?? 0, headers: response.headers, excerpt }
}
