import type { BatchOptions } from '@hivetap/bpf'
import type { EventSource } from './source.js'

/**
 * How long an event is held back for those that happened before it. A program takes the time, and then the room in the
 * buffer: between the two an interrupt may come, and another CPU be quicker.
 */
const WINDOW_MS = 5
/** Events held back at most: beyond, the oldest are let go. */
const MOST_HELD = 65_536

/**
 * In front of a buffer that several CPUs and several tools write to: hands events out in the order of their times.
 *
 * One that comes later than the window is handed out all the same, behind those that happened after it, and counted.
 */
export class InTimeOrder<E> implements EventSource<E> {
  /** Events that came too late for their place. */
  late = 0
  readonly #source: EventSource<E>
  readonly #timeNs: (event: E) => number
  readonly #nowNs: () => number
  /** By time, oldest first. */
  #held: E[] = []
  #last = 0
  #ended = false

  /** @param nowNs the clock of the events' times */
  constructor(source: EventSource<E>, timeNs: (event: E) => number, nowNs: () => number) {
    this.#source = source
    this.#timeNs = timeNs
    this.#nowNs = nowNs
  }

  /** No program writes any more: nothing is held back. */
  end(): void {
    this.#ended = true
  }

  drain(take: (event: E) => void, limit: number): number {
    // What is asked for before the buffer is read, can have been overtaken by nothing that is read later.
    const horizon = this.#ended ? Number.POSITIVE_INFINITY : this.#nowNs() - WINDOW_MS * 1e6
    const fresh: E[] = []
    this.#source.drain((event) => fresh.push(event), limit)
    if (fresh.length > 0) {
      this.#held.push(...fresh)
      this.#held.sort((one, other) => this.#timeNs(one) - this.#timeNs(other))
    }
    const due = Math.min(limit, Math.max(this.#upTo(horizon), this.#held.length - MOST_HELD))
    for (const event of this.#held.slice(0, due)) {
      const time = this.#timeNs(event)
      if (time < this.#last) this.late++
      else this.#last = time
      take(event)
    }
    this.#held = this.#held.slice(due)
    return due
  }

  async wait(options: BatchOptions = {}): Promise<void> {
    if (this.#held.length === 0) return this.#source.wait(options)
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS))
  }

  wake(): void {
    this.#source.wake()
  }

  /** How many happened before. */
  #upTo(horizon: number): number {
    const first = this.#held.findIndex((event) => this.#timeNs(event) > horizon)
    return first < 0 ? this.#held.length : first
  }
}
