import type { IncomingMessage } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Asked, cannot } from './asked.js'
import { KubeError } from './kube-error.js'
import { networkError } from './network-error.js'
import { Silence } from './silence.js'

/** How much of a body is taken, and how slowly it may come. */
export interface BodyLimits {
  /** Unpacked. */
  readonly mostBytes: number
  /** Between two pieces of it, milliseconds. */
  readonly idleMs: number
  /** For all of it, milliseconds. */
  readonly wholeMs: number
}

/**
 * The pieces of an answer's body, unpacked, as they come. When it is left, the connection is kept if all was read, else ended.
 *
 * @throws {KubeError} if it is cut off, too large or too slow
 * @throws `signal`’s reason
 */
export async function* readBody(
  response: IncomingMessage,
  asked: Asked,
  { mostBytes, idleMs, wholeMs }: BodyLimits,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const end = (error: Error) => response.destroy(error)
  const idle = setTimeout(() => end(new Silence('nothing came', idleMs)), idleMs)
  const whole = setTimeout(() => end(new Silence('its end did not come', wholeMs)), wholeMs)
  const onAbort = () => end(new Error('aborted', { cause: signal.reason }))
  signal.addEventListener('abort', onAbort)
  const body = unpacked(response)
  try {
    if (signal.aborted) throw signal.reason
    if (Number(response.headers['content-length'] ?? 0) > mostBytes) throw tooLarge(asked, mostBytes)
    let bytes = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      idle.refresh()
      bytes += chunk.byteLength
      if (bytes > mostBytes) throw tooLarge(asked, mostBytes)
      yield chunk
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw networkError(error, asked)
  } finally {
    clearTimeout(idle)
    clearTimeout(whole)
    signal.removeEventListener('abort', onAbort)
    if (body !== response) body.destroy()
    if (!response.complete) response.destroy()
  }
}

function unpacked(response: IncomingMessage): Readable {
  if (response.headers['content-encoding'] !== 'gzip') return response
  return pipeline(response, createGunzip(), () => undefined)
}

function tooLarge(asked: Asked, mostBytes: number): KubeError {
  return new KubeError(
    'too_large',
    `${cannot(asked)}: the answer is larger than ${Math.floor(mostBytes / (1 << 20))} MiB, which is more than is taken.`,
  )
}
