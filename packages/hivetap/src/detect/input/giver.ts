import { emptyObservation, type Observation } from '../observation.js'
import type { ReaderOptions } from './reader-options.js'
import type { Tally } from './tally.js'

/** Gives connects away, but those that are known to have taken less than is asked for. */
export class Giver {
  /** The one that is filled. */
  readonly observation: Observation = emptyObservation()
  readonly overUs: number
  readonly #take: ReaderOptions['take']
  readonly #pass: ReaderOptions['pass']
  readonly #tally: Tally

  constructor({ take, pass, overUs = 0 }: Pick<ReaderOptions, 'take' | 'pass' | 'overUs'>, tally: Tally) {
    this.#pass = pass
    this.overUs = overUs
    this.#take = take
    this.#tally = tally
  }

  /** Gives what the observation holds. */
  give(): void {
    const { latencyUs, outcome } = this.observation
    if (latencyUs >= 0 && latencyUs < this.overUs && (outcome === 'connected' || outcome === 'unknown')) {
      this.#tally.below()
      this.#pass?.(this.observation)
      return
    }
    this.#tally.given()
    this.#take(this.observation)
  }
}
