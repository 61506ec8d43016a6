import type { Account, Sink } from './sink.js'

/** In front of a sink: leaves out the events that are not wanted, and counts them. */
export class Wanted<E> implements Sink<E> {
  /** Events left out. */
  unwanted = 0
  readonly #wanted: (event: E) => boolean
  readonly #sink: Sink<E>

  constructor(wanted: (event: E) => boolean, sink: Sink<E>) {
    this.#wanted = wanted
    this.#sink = sink
  }

  get closed(): boolean {
    return this.#sink.closed
  }

  get delivered(): number {
    return this.#sink.delivered
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#sink.open(signal)
  }

  beginBatch(): void {
    this.#sink.beginBatch()
  }

  take(event: E): void {
    if (this.#wanted(event)) this.#sink.take(event)
    else this.unwanted++
  }

  account(account: Account): void {
    this.#sink.account(account)
  }

  flush(signal: AbortSignal): Promise<void> {
    return this.#sink.flush(signal)
  }

  close(): void {
    this.#sink.close()
  }
}
