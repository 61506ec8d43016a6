import type { Account, Sink } from './sink.js'

/** In front of a sink whose events each stand for some things: counts the things that were delivered. */
export class Weighed<E> implements Sink<E> {
  readonly #weight: (event: E) => number
  readonly #sink: Sink<E>
  /** Of the events that are not delivered yet, in order. */
  #weights: number[] = []
  /** Events delivered, and what they stand for. */
  #events = 0
  #things = 0

  constructor(weight: (event: E) => number, sink: Sink<E>) {
    this.#weight = weight
    this.#sink = sink
  }

  get closed(): boolean {
    return this.#sink.closed
  }

  /** Things delivered. */
  get delivered(): number {
    const fresh = this.#weights.splice(0, this.#sink.delivered - this.#events)
    this.#events += fresh.length
    for (const weight of fresh) this.#things += weight
    return this.#things
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#sink.open(signal)
  }

  beginBatch(): void {
    this.#sink.beginBatch()
  }

  take(event: E): void {
    this.#weights.push(this.#weight(event))
    this.#sink.take(event)
  }

  account(account: Account): void {
    this.#sink.account(account)
  }

  async flush(signal: AbortSignal): Promise<void> {
    await this.#sink.flush(signal)
    // Asked for, so that no more is kept than a batch.
    void this.delivered
  }

  close(): void {
    this.#sink.close()
  }
}
