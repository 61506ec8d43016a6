import type { Balance, DropReason } from '../probes/balance.js'
import type { Random } from './random.js'

/** What a tool saw in a kernel that is made up: it adds up at any moment. */
export class SimulatedKernel {
  #delivered = 0
  #filtered = 0
  #sampledOut = 0
  readonly #dropped = new Map<DropReason, number>()

  get delivered(): number {
    return this.#delivered
  }

  /** An event is told; beside it, others may be left out or lost. */
  deliver(random: Random): void {
    this.#delivered++
    if (random.happens(0.3)) this.#filtered += random.between(1, 5)
    if (random.happens(0.05)) this.#sampledOut++
    if (!random.happens(0.01)) return
    const reason = random.pick<DropReason>(['buffer_full', 'map_full', 'end_missed'])
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + random.between(1, 20))
  }

  /**
   * @param inFlight begun, and not ended
   * @param held ended, and counted in a summary that is not told yet
   * @param summarised of those that were told, those in summaries; absent where each is told by itself
   */
  balance(inFlight: number, held = 0, summarised?: number): Balance {
    const dropped = [...this.#dropped.values()].reduce((sum, count) => sum + count, 0)
    return {
      produced: this.#delivered + this.#filtered + this.#sampledOut + dropped + inFlight,
      delivered: this.#delivered - held,
      ...(summarised !== undefined && { summarised }),
      filtered: this.#filtered,
      sampledOut: this.#sampledOut,
      inFlight: inFlight + held,
      dropped: new Map(this.#dropped),
      truncated: 0,
      missedRuns: 0,
    }
  }
}
