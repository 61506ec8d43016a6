import type { Table } from './table.js'
import type { LineFormat } from './text-sink.js'

/** A table whose rows come in rounds: below a head of its own each. */
export class RoundsTable<E> implements LineFormat<E> {
  readonly #table: Table<E>
  readonly #round: (event: E) => number
  #last: number | undefined

  /** @param round the same for the rows of one round */
  constructor(table: Table<E>, round: (event: E) => number) {
    this.#table = table
    this.#round = round
  }

  get head(): string {
    return this.#table.head
  }

  beginBatch(): void {
    this.#table.beginBatch()
  }

  title(event: E): string {
    const round = this.#round(event)
    const isNext = this.#last !== undefined && round !== this.#last
    this.#last = round
    return isNext ? `\n${this.#table.head}` : ''
  }

  line(event: E): string {
    return this.#table.line(event)
  }
}
