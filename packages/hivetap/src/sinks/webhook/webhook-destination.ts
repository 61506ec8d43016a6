import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Destination, DestinationContext, Rejection } from '../../delivery/destination.js'
import { jsonArrayOf, jsonLinesOf } from '../../delivery/json-lines-of.js'
import type { SpoolBatch } from '../../spool/spool.js'
import { type Address, addressOf, HttpClient } from '../http/http-client.js'
import { type Verdict, verdictOf } from '../http/verdict.js'
import type { WebhookConfig } from './config.js'

const compress = promisify(gzip)
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
  readonly #client: HttpClient
  readonly #address: Address
  /** Bytes of a body that the server may take: less once it has said that one was too large. */
  #mostBytes: number

  constructor(config: WebhookConfig, context: DestinationContext) {
    this.name = config.name
    this.#config = config
    this.#client = new HttpClient(config, (message) => context.note(message))
    this.#address = addressOf(config.url)
    this.#mostBytes = config.max_body_bytes
  }

  /** Whether its files can be read: a request that asks for nothing there is none. */
  async open(): Promise<void> {
    await this.#client.check(this.#address)
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
    this.#client.close()
  }

  async #send(batch: SpoolBatch, { from, to }: Part, signal: AbortSignal): Promise<Verdict> {
    const { format, compression } = this.#config
    const records = batch.records.slice(from, to)
    const plain = format === 'json' ? jsonArrayOf(records) : jsonLinesOf(records)
    const first = batch.firstSequence + from
    const headers = {
      'content-type': format === 'json' ? 'application/json' : 'application/x-ndjson',
      'idempotency-key': `${batch.epoch}-${first}-${batch.firstSequence + to - 1}`,
      ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    }
    const body = compression === 'gzip' ? await compress(plain) : plain
    const answer = await this.#client.post(this.#address, body, headers, signal)
    return verdictOf(answer, this.#address.said, 'header_files, and at cert_file')
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
