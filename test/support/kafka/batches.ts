import { randomUUID } from 'node:crypto'
import type { SpoolBatch, SpoolRecord } from '../../../packages/hivetap/src/spool/spool.js'

/** How records of a test look. */
export interface BatchOptions {
  /** When the first happened, milliseconds since 1970; each that follows a millisecond later. */
  readonly timeMs?: number
  /** Bytes of a text in each, or in each by its place. */
  readonly padding?: number | ((index: number) => number)
  readonly tool?: string
}

/** An epoch of a test's own, from which batches come as from an agent: with sequences that have no hole. */
export class BatchSource {
  readonly epoch = randomUUID()
  #next = 0

  /** Sequences used up so far. */
  get sequences(): number {
    return this.#next
  }

  batch(count: number, options: BatchOptions = {}): SpoolBatch {
    const firstSequence = this.#next
    this.#next += count
    const records = Array.from({ length: count }, (_, index) =>
      this.#record(firstSequence + index, index, options),
    )
    return { epoch: this.epoch, firstSequence, records }
  }

  #record(sequence: number, index: number, options: BatchOptions): SpoolRecord {
    const timeMs = (options.timeMs ?? Date.now() - 60_000) + index
    const tool = options.tool ?? 'tcpconnlat'
    const padding = typeof options.padding === 'function' ? options.padding(index) : (options.padding ?? 0)
    const line = {
      version: 1,
      event_id: `${this.epoch}-${sequence}`,
      time: new Date(timeMs).toISOString().replace('Z', '000000Z'),
      host: 'node-1',
      tool,
      pid: 100 + index,
      comm: `cürl-${index}`,
      destination_address: `10.0.0.${index % 8}`,
      destination_port: 443,
      ...(padding === 0 ? {} : { padding: randomText(padding) }),
    }
    return { kind: 'event', tool, timeMs, value: Buffer.from(JSON.stringify(line)) }
  }
}

/** Text that no compression makes much smaller. */
function randomText(bytes: number): string {
  let text = ''
  while (text.length < bytes) text += randomUUID()
  return text.slice(0, bytes)
}
