import { InFront } from './in-front.js'
import type { Sink } from './sink.js'

/** In front of a sink whose events each stand for some things: counts the things that were delivered. */
export class Weighed<E> extends InFront<E> {
  readonly #weight: (event: E) => number
  /** Of the events that are not delivered yet, in order. */
  #weights: number[] = []
  /** Events delivered, and what they stand for. */
  #events = 0
  #things = 0

  constructor(weight: (event: E) => number, sink: Sink<E>) {
    super(sink)
    this.#weight = weight
  }

  /** Things delivered. */
  override get delivered(): number {
    const fresh = this.#weights.splice(0, super.delivered - this.#events)
    this.#events += fresh.length
    for (const weight of fresh) this.#things += weight
    return this.#things
  }

  override take(event: E): void {
    this.#weights.push(this.#weight(event))
    super.take(event)
  }

  override async flush(signal: AbortSignal): Promise<void> {
    await super.flush(signal)
    // Asked for, so that no more is kept than a batch.
    void this.delivered
  }
}
