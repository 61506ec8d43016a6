import type { Account, Sink } from './sink.js'

/** What stands in front of a sink, and hands on all that it is told: the base of what changes some of that. */
export abstract class InFront<E> implements Sink<E> {
  protected readonly sink: Sink<E>

  constructor(sink: Sink<E>) {
    this.sink = sink
  }

  get closed(): boolean {
    return this.sink.closed
  }

  get delivered(): number {
    return this.sink.delivered
  }

  open(signal: AbortSignal): Promise<void> {
    return this.sink.open(signal)
  }

  beginBatch(): void {
    this.sink.beginBatch()
  }

  take(event: E): void {
    this.sink.take(event)
  }

  account(account: Account): void {
    this.sink.account(account)
  }

  flush(signal: AbortSignal): Promise<void> {
    return this.sink.flush(signal)
  }

  close(): void {
    this.sink.close()
  }
}
