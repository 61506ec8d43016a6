import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { failureOf, notStale } from '../../io/stale-connection.js'
import { Silence } from './silence.js'

/** A GET that is to be made. */
export interface Get {
  readonly url: URL
  readonly agent: Agent
  readonly headers: Readonly<Record<string, string>>
  /** How long the head of the answer may take, with the connection, milliseconds. */
  readonly answerMs: number
  /** Ends it; once it was answered, whoever reads the answer looks after that. */
  readonly signal: AbortSignal
}

/**
 * Asks, and gives back the answer once its head is there. A connection that was kept, and that the server closed just then, is
 * not the end of it: a new one is taken.
 *
 * @throws {Error} of the network, of TLS or of HTTP; `signal`’s reason
 */
export function openAnswer(get: Get): Promise<IncomingMessage> {
  return notStale(() => once(get))
}

async function once({ url, agent, headers, answerMs, signal }: Get): Promise<IncomingMessage> {
  signal.throwIfAborted()
  const make = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = make(url, { method: 'GET', agent, headers })
    // The reason may be no error: then nothing would be said of it.
    const onAbort = () => request.destroy(new Error('aborted', { cause: signal.reason }))
    const timer = setTimeout(() => request.destroy(new Silence('no answer came', answerMs)), answerMs)
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    signal.addEventListener('abort', onAbort)
    // It stays: what fails later is told by the answer, and must not end the process.
    request.on('error', (error) => {
      settle()
      reject(failureOf(request, error))
    })
    request.on('response', (response) => {
      settle()
      // What fails is told by reading it; until somebody does, it must not end the process.
      response.on('error', () => undefined)
      resolve(response)
    })
    // 101: nothing was asked for that it could be switched to.
    request.on('upgrade', (_, socket) => {
      settle()
      socket.destroy()
      reject(Object.assign(new Error('the server switched to another protocol'), { code: 'HPE_UPGRADE' }))
    })
    request.end()
  })
}
