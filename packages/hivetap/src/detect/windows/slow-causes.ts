import { CAUSES, type Cause } from '../../probes/connects/cause.js'
import { NumbersByKey } from '../keys/numbers-by-key.js'
import type { Observation } from '../observation.js'
import type { SketchPool } from '../sketch/sketch-pool.js'
import { fromBase64, toBase64 } from '../state/saved.js'

/** What is saved of a key: its sketches, by cause. */
export type SavedCauses = Readonly<Partial<Record<Cause, string>>>

const PLACE = new Map(CAUSES.map((cause, index) => [cause, index]))

/**
 * How long connects took that may turn out to be slow, once it is known what is usual: by cause, a sketch each. Side by side for
 * all keys of a window, since where everything is far away that is each of them.
 */
export class SlowCauses {
  readonly #sketches: SketchPool
  /** By slot, the row and one; 0 is none: where destinations are near, few keys have any. */
  readonly #rows = new NumbersByKey(Int32Array)
  /** By row and cause, the handle and one; 0 is none. */
  readonly #handles = new NumbersByKey(Int32Array)
  #end = 0

  constructor(sketches: SketchPool) {
    this.#sketches = sketches
  }

  take(slot: number, { cause, latencyUs, weight }: Observation): void {
    this.#sketches.add(this.#sketch(slot, PLACE.get(cause) ?? 0), latencyUs, weight)
  }

  /** Of those that took longer, how many had which cause. */
  above(slot: number, us: number): ReadonlyMap<Cause, number> {
    return new Map(
      CAUSES.flatMap((cause, place) => {
        const handle = this.#handleOf(slot, place)
        const count = handle < 0 ? 0 : this.#sketches.countAbove(handle, us)
        return count === 0 ? [] : [[cause, count] as const]
      }),
    )
  }

  save(slot: number): SavedCauses {
    return Object.fromEntries(
      CAUSES.flatMap((cause, place) => {
        const handle = this.#handleOf(slot, place)
        return handle < 0 ? [] : [[cause, toBase64(this.#sketches.encode(handle))]]
      }),
    )
  }

  /** @throws {DetectStateError} if it is damaged */
  restore(slot: number, saved: SavedCauses): void {
    for (const [place, cause] of CAUSES.entries()) {
      const sketch = saved[cause]
      if (sketch !== undefined) this.#set(slot, place, this.#sketches.decode(fromBase64(sketch)))
    }
  }

  /** Gives back what it holds. */
  free(): void {
    for (let place = 0; place < this.#end * CAUSES.length; place++) {
      const handle = this.#handles.get(place)
      if (handle > 0) this.#sketches.free(handle - 1)
      this.#handles.set(place, 0)
    }
  }

  #handleOf(slot: number, place: number): number {
    const row = this.#rows.get(slot) - 1
    return row < 0 ? -1 : this.#handles.get(row * CAUSES.length + place) - 1
  }

  #sketch(slot: number, place: number): number {
    const known = this.#handleOf(slot, place)
    if (known >= 0) return known
    const handle = this.#sketches.create()
    this.#set(slot, place, handle)
    return handle
  }

  #set(slot: number, place: number, handle: number): void {
    let row = this.#rows.get(slot) - 1
    if (row < 0) {
      row = this.#end++
      this.#rows.set(slot, row + 1)
    }
    this.#handles.set(row * CAUSES.length + place, handle + 1)
  }
}
