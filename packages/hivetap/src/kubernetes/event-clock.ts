import { monotonicNs } from '@hivetap/bpf'
import type { EventClock } from './identifier.js'

/** Times of events to a millisecond or two, which is all that asking for a name as of a time takes. */
export class CoarseClock implements EventClock {
  #offsetMs = 0

  measure(): void {
    this.#offsetMs = Date.now() - Number(monotonicNs()) / 1e6
  }

  milliseconds(monotonicNs: number): number {
    return monotonicNs / 1e6 + this.#offsetMs
  }
}
