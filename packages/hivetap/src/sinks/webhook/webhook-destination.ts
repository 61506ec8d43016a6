import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  DeliveryError,
  type Destination,
  type DestinationContext,
  type Rejection,
} from '../../delivery/destination.js'
import { jsonArrayOf, jsonLinesOf } from '../../delivery/json-lines-of.js'
import type { SpoolBatch } from '../../spool/spool.js'
import type { WebhookConfig } from './config.js'
import { Connection } from './connection.js'
import { type Answer, post } from './post.js'
import { retryAfterMs, type Verdict, verdictOf } from './verdict.js'

const compress = promisify(gzip)
/** A server may ask for a longer rest: it is asked again after this. */
const LONGEST_REST_MS = 300_000
/** Requests that look for what is refused in one batch; what is not told apart then is refused with it. */
const MOST_REQUESTS = 64

/** Places in a batch, from the first on and without the last. */
interface Part {
  readonly from: number
  readonly to: number
}

/** Batches by POST. */
export class WebhookDestination implements Destination {
  readonly name: string
  readonly window = 1
  readonly #config: WebhookConfig
  readonly #connection: Connection
  /** Bytes of a body that the server may take: less once it has said that one was too large. */
  #mostBytes: number
  #restUntilMs = 0

  constructor(config: WebhookConfig, context: DestinationContext) {
    this.name = config.name
    this.#config = config
    this.#connection = new Connection(config, (message) => context.note(message))
    this.#mostBytes = config.max_body_bytes
  }

  /** Whether its files can be read: a request that asks for nothing there is none. */
  async open(): Promise<void> {
    await this.#connection.agent()
    await this.#connection.headers()
  }

  async deliver(batch: SpoolBatch, signal: AbortSignal): Promise<readonly Rejection[]> {
    const rejections: Rejection[] = []
    const parts: Part[] = [{ from: 0, to: batch.records.length }]
    let refusals = 0
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const single = part.to - part.from === 1
      if (!single && bytesOf(batch, part) > this.#mostBytes) {
        parts.push(...halves(part))
        continue
      }
      const verdict = await this.#send(batch, part, signal)
      if (verdict.kind === 'failed') throw verdict.error
      if (verdict.kind === 'delivered') continue
      if (verdict.kind === 'too_large') {
        // Of one record alone it says nothing about others.
        if (!single)
          this.#mostBytes = Math.max(1, Math.min(this.#mostBytes, Math.floor(bytesOf(batch, part) / 2)))
      } else refusals++
      if (!single && refusals <= MOST_REQUESTS) parts.push(...halves(part))
      else rejections.push(...rejected(part, verdict.kind))
    }
    return rejections.sort((a, b) => a.index - b.index)
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  async #send(batch: SpoolBatch, { from, to }: Part, signal: AbortSignal): Promise<Verdict> {
    await this.#rest(signal)
    const { format, compression, timeout, url } = this.#config
    const records = batch.records.slice(from, to)
    const plain = format === 'json' ? jsonArrayOf(records) : jsonLinesOf(records)
    const first = batch.firstSequence + from
    const headers = {
      ...(await this.#connection.headers()),
      'content-type': format === 'json' ? 'application/json' : 'application/x-ndjson',
      'idempotency-key': `${batch.epoch}-${first}-${batch.firstSequence + to - 1}`,
      ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    }
    const body = compression === 'gzip' ? await compress(plain) : plain
    const deadline = AbortSignal.timeout(timeout)
    const answer = await post({
      url: new URL(url),
      agent: await this.#connection.agent(),
      headers,
      body,
      signal: AbortSignal.any([signal, deadline]),
    }).catch((error: unknown) => {
      throw noAnswer(error, this.#said, deadline.aborted && !signal.aborted ? timeout : undefined)
    })
    this.#listen(answer)
    return verdictOf(answer, this.#said)
  }

  /** The address as it is told: what stands behind `?` may be a secret. */
  get #said(): string {
    const { origin, pathname } = new URL(this.#config.url)
    return origin + pathname
  }

  #listen({ status, headers }: Answer): void {
    if (status < 400) return
    const now = Date.now()
    this.#restUntilMs = now + retryAfterMs(headers, now, LONGEST_REST_MS)
  }

  /** As long as the server asked for. */
  async #rest(signal: AbortSignal): Promise<void> {
    const ms = Math.min(this.#restUntilMs - Date.now(), LONGEST_REST_MS)
    if (ms > 0)
      await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
        throw new DeliveryError('aborted', `${this.#said} had asked for a rest`, { passing: true, cause })
      })
  }
}

function bytesOf({ records }: SpoolBatch, { from, to }: Part): number {
  let bytes = 0
  for (let index = from; index < to; index++) bytes += (records[index]?.value.byteLength ?? 0) + 1
  return bytes
}

/** The second first: they are taken from the end. */
function halves({ from, to }: Part): Part[] {
  const middle = from + Math.ceil((to - from) / 2)
  return [
    { from: middle, to },
    { from, to: middle },
  ]
}

function rejected({ from, to }: Part, reason: Rejection['reason']): Rejection[] {
  return Array.from({ length: to - from }, (_, index) => ({ index: from + index, reason }))
}

/** Certificates that do not fit are mended by somebody; all else may pass. */
function noAnswer(error: unknown, url: string, timeoutMs: number | undefined): DeliveryError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const tls = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|UNABLE_TO|SELF_SIGNED|HOSTNAME)/.test(code)
  if (timeoutMs !== undefined)
    return new DeliveryError('timed_out', `${url} did not answer within ${timeoutMs} ms`, { passing: true })
  if (tls)
    return new DeliveryError('tls_failed', `${url}: ${message}. Look at ca_file, cert_file and key_file`, {
      passing: false,
      cause: error,
    })
  const kind = code.startsWith('HPE_') ? 'answer_unreadable' : 'unreachable'
  return new DeliveryError(kind, `${url}: ${message}`, { passing: true, cause: error })
}
