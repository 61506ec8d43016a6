import { CAUSES, type Cause } from '../../probes/connects/cause.js'
import type { Observation } from '../observation.js'
import type { SketchPool } from '../sketch/sketch-pool.js'
import { fromBase64, type SavedSlot, toBase64 } from '../state/saved.js'
import { Worst } from './worst.js'

type SavedSlow = NonNullable<SavedSlot['slow']>

/**
 * The connects of a key in a window that may turn out to be slow once it is known what is usual: how long they took, by cause,
 * and the worst of them.
 */
export class SlowConnects {
  readonly #sketches: SketchPool
  readonly #byCause = new Map<Cause, number>()
  readonly worst: Worst

  /**
   * @param saved what `save` gave, where a state is taken up
   * @throws {DetectStateError} if it is damaged
   */
  constructor(sketches: SketchPool, saved: SavedSlow = { causes: {}, worst: [] }) {
    this.#sketches = sketches
    for (const cause of CAUSES) {
      const sketch = saved.causes[cause]
      if (sketch !== undefined) this.#byCause.set(cause, sketches.decode(fromBase64(sketch)))
    }
    this.worst = new Worst(saved.worst)
  }

  save(): SavedSlow {
    const causes = [...this.#byCause].map(([cause, handle]) => [
      cause,
      toBase64(this.#sketches.encode(handle)),
    ])
    return { causes: Object.fromEntries(causes), worst: this.worst.kept }
  }

  take(observation: Observation): void {
    const { cause, latencyUs, weight } = observation
    let handle = this.#byCause.get(cause)
    if (handle === undefined) {
      handle = this.#sketches.create()
      this.#byCause.set(cause, handle)
    }
    this.#sketches.add(handle, latencyUs, weight)
    this.worst.take(observation)
  }

  /** Of those that took longer, how many had which cause. */
  causesAbove(us: number): ReadonlyMap<Cause, number> {
    return new Map(
      CAUSES.flatMap((cause) => {
        const handle = this.#byCause.get(cause)
        const count = handle === undefined ? 0 : this.#sketches.countAbove(handle, us)
        return count === 0 ? [] : [[cause, count] as const]
      }),
    )
  }

  /** Gives back what it holds. */
  free(): void {
    for (const handle of this.#byCause.values()) this.#sketches.free(handle)
    this.#byCause.clear()
  }
}
