import type { BatchOptions } from '@hivetap/bpf'
import type { EventSource } from './source.js'

/**
 * In front of a buffer: after the first event of a batch waits for those that follow, so that a stream of events costs a wake
 * now and then, and not one an event or some. An event is late by as much, at most.
 */
export class Lingering<E> implements EventSource<E> {
  readonly #source: EventSource<E>
  readonly #lingerMs: number
  #wake: (() => void) | undefined

  /** @param lingerMs how long it waits; the buffer must have room for what comes meanwhile */
  constructor(source: EventSource<E>, lingerMs: number) {
    this.#source = source
    this.#lingerMs = lingerMs
  }

  drain(take: (event: E) => void, limit: number): number {
    return this.#source.drain(take, limit)
  }

  async wait(options: BatchOptions = {}): Promise<void> {
    await this.#source.wait(options)
    const { signal } = options
    if (signal?.aborted === true) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(done, this.#lingerMs)
      signal?.addEventListener('abort', done, { once: true })
      this.#wake = done
    })
  }

  wake(): void {
    this.#source.wake()
    this.#wake?.()
  }
}
