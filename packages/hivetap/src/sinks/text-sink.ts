import type { Account, Sink } from '../stream/sink.js'
import type { Output } from './output.js'

/** Makes text of events: a line each. */
export interface LineFormat<E> {
  /** Lines before the first event; empty for none. */
  readonly head: string
  beginBatch(): void
  /** Lines in front of the event's, that tell of no event; empty for none. Asked before `line`. */
  title?(event: E): string
  /** The event's line, with its newline. */
  line(event: E): string
  /** The account's line, with its newline; absent where the text is for people, who are told otherwise. */
  account?(account: Account): string
}

/** Events as lines of text on an output. */
export class TextSink<E> implements Sink<E> {
  readonly #format: LineFormat<E>
  readonly #output: Output
  #text = ''
  #lines = 0

  constructor(format: LineFormat<E>, output: Output) {
    this.#format = format
    this.#output = output
  }

  get closed(): boolean {
    return this.#output.closed
  }

  get delivered(): number {
    return this.#output.lines
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#output.write(this.#format.head, 0)
    await this.#output.flush(signal)
  }

  beginBatch(): void {
    this.#format.beginBatch()
  }

  take(event: E): void {
    const title = this.#format.title?.(event) ?? ''
    if (title !== '') {
      this.#write()
      this.#output.write(title, 0)
    }
    this.#text += this.#format.line(event)
    this.#lines++
  }

  account(account: Account): void {
    this.#output.write(this.#format.account?.(account) ?? '', 0)
  }

  async flush(signal: AbortSignal): Promise<void> {
    this.#write()
    await this.#output.flush(signal)
  }

  close(): void {
    this.#output.close()
  }

  #write(): void {
    this.#output.write(this.#text, this.#lines)
    this.#text = ''
    this.#lines = 0
  }
}
