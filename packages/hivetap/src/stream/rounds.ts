import type { BatchOptions } from '@hivetap/bpf'
import type { EventSource } from './source.js'

/** Keeps Node from ending while nothing but a signal is waited for: the longest that a timer takes. */
const FOREVER_MS = 2 ** 31 - 1

/** What is read from time to time, and at the end, as a source of events: all of it at once. */
export class Rounds<R> implements EventSource<R> {
  readonly #read: (last: boolean) => readonly R[]
  readonly #timer: NodeJS.Timeout
  /** What was read and not handed out. */
  #queue: readonly R[] = []
  #isDue = false
  #ended = false
  #isWoken = false
  #wake: () => void = () => undefined

  /**
   * @param read what is new since it was read before; nothing, if nothing is
   * @param everyMs only at the end, unless told
   */
  constructor(read: (last: boolean) => readonly R[], everyMs?: number) {
    this.#read = read
    this.#timer = setInterval(() => {
      if (everyMs === undefined) return
      this.#isDue = true
      this.wake()
    }, everyMs ?? FOREVER_MS)
  }

  /** Nothing is added any more: what is left is handed out, until nothing is. */
  end(): void {
    clearInterval(this.#timer)
    this.#ended = true
  }

  drain(take: (row: R) => void, limit = Number.POSITIVE_INFINITY): number {
    if (this.#queue.length === 0 && (this.#isDue || this.#ended)) {
      this.#isDue = false
      this.#queue = this.#read(this.#ended)
    }
    const rows = this.#queue.slice(0, limit)
    this.#queue = this.#queue.slice(rows.length)
    for (const row of rows) take(row)
    return rows.length
  }

  async wait({ signal }: BatchOptions = {}): Promise<void> {
    if (!this.#isWoken && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        this.#wake = () => {
          signal?.removeEventListener('abort', this.#wake)
          resolve()
        }
        signal?.addEventListener('abort', this.#wake)
      })
    }
    this.#isWoken = false
  }

  /** Ends the wait that is under way, or the next. */
  wake(): void {
    this.#isWoken = true
    this.#wake()
  }
}
