import { z } from 'zod'

/** Epochs that are remembered: those before them are over. */
const MOST_EPOCHS = 16

const saved = z.array(z.tuple([z.string().max(64), z.int().min(0)])).max(MOST_EPOCHS)

/** How far each epoch was looked at: what is delivered again after a restart is not counted again. */
export class SeenSequences {
  /** Behind the last sequence. */
  readonly #next = new Map<string, number>()

  /** What `state` gave; anything else is no state, and an empty one is made. */
  static restore(state: unknown): SeenSequences {
    const seen = new SeenSequences()
    for (const [epoch, next] of saved.safeParse(state).data ?? []) seen.#next.set(epoch, next)
    return seen
  }

  /**
   * A batch is looked at.
   *
   * @returns where in it what was not seen begins
   */
  take(epoch: string, firstSequence: number, count: number): number {
    const next = this.#next.get(epoch) ?? 0
    this.#next.delete(epoch)
    this.#next.set(epoch, Math.max(next, firstSequence + count))
    const [oldest] = this.#next.keys()
    if (this.#next.size > MOST_EPOCHS && oldest !== undefined) this.#next.delete(oldest)
    return Math.min(count, Math.max(0, next - firstSequence))
  }

  /** For JSON. */
  state(): readonly (readonly [string, number])[] {
    return [...this.#next]
  }
}
