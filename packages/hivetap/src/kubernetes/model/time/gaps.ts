import type { Heard } from './watch-clock.js'

interface Gap {
  readonly from: number
  readonly to: number
}

/** A watch that has to list more often than this within the time that events are asked of is of no use anyhow. */
const MOST = 64

/**
 * Times of which not all was told: a list tells what is there, not what came and went since the watch was last heard. What
 * was there before and after was there in between too, as far as anybody knows; that it was alone then, nobody knows.
 */
export class Gaps {
  /** In the order in which they were heard. */
  readonly #gaps: Gap[] = []

  /** A list came. */
  add({ since, at }: Heard): void {
    this.#gaps.push({ from: since, to: at })
    const [first, second] = this.#gaps
    if (this.#gaps.length <= MOST || first === undefined || second === undefined) return
    // The oldest two become one, with what was between them: more is in doubt then, and nothing is forgotten.
    const from = Math.min(first.from, second.from)
    this.#gaps.splice(0, 2, { from, to: Math.max(first.to, second.to) })
  }

  /** Whether something may have been there at the time that was never told. */
  has(timeMs: number): boolean {
    return this.#gaps.some(({ from, to }) => from <= timeMs && timeMs < to)
  }
}
