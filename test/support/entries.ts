import type { Loss, SpoolBatch, SpoolEntry, SpoolReader } from '../../packages/hivetap/src/spool/spool.js'

export const EPOCH = '00000000-0000-4000-8000-000000000001'

/** A batch of so many events, each a line with its number. */
export function batchOf(firstSequence: number, count: number, epoch = EPOCH): SpoolBatch {
  const records = Array.from({ length: count }, (_, index) => ({
    kind: 'event' as const,
    tool: 'tcpconnlat',
    timeMs: 1_700_000_000_000 + index,
    value: Buffer.from(`{"event_id":"${epoch}-${firstSequence + index}"}`),
  }))
  return { epoch, firstSequence, records }
}

export function lossOf(firstSequence: number, lastSequence: number, epoch = EPOCH): Loss {
  return { epoch, reason: 'spool_full', firstSequence, lastSequence }
}

/** A reader of entries that are given to it: what a test needs to say what is there, and when. */
export class GivenEntries implements SpoolReader {
  readonly acknowledged: SpoolEntry[] = []
  closed = false
  readonly #entries: SpoolEntry[]
  #arrived: () => void = () => undefined

  constructor(entries: readonly SpoolEntry[] = []) {
    this.#entries = [...entries]
  }

  get backlogBytes(): number {
    return this.#entries.length
  }

  give(...entries: readonly SpoolEntry[]): void {
    this.#entries.push(...entries)
    this.#arrived()
  }

  async next(signal: AbortSignal): Promise<SpoolEntry | undefined> {
    while (this.#entries.length === 0 && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    return signal.aborted ? undefined : this.#entries.shift()
  }

  acknowledge(entry: SpoolEntry): void {
    this.acknowledged.push(entry)
  }

  close(): void {
    this.closed = true
  }
}

export const entry = (batch: SpoolBatch): SpoolEntry => ({ kind: 'batch', batch })
export const lossEntry = (loss: Loss): SpoolEntry => ({ kind: 'loss', loss })
