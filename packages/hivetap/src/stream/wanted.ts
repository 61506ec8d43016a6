import { InFront } from './in-front.js'
import type { Sink } from './sink.js'

/** In front of a sink: leaves out the events that are not wanted, and counts them. */
export class Wanted<E> extends InFront<E> {
  /** Events left out. */
  unwanted = 0
  readonly #wanted: (event: E) => boolean

  constructor(wanted: (event: E) => boolean, sink: Sink<E>) {
    super(sink)
    this.#wanted = wanted
  }

  override take(event: E): void {
    if (this.#wanted(event)) super.take(event)
    else this.unwanted++
  }
}
