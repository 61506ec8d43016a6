import type { Cause } from '../../probes/connects/cause.js'
import { grown } from '../blocks/grown.js'
import { NumbersByKey } from '../keys/numbers-by-key.js'
import type { Observation } from '../observation.js'
import type { FailuresRule, OverRule, Rule, StuckRule } from '../rules/rule.js'
import type { SketchPool } from '../sketch/sketch-pool.js'
import { fromBase64, type SavedSlot, toBase64 } from '../state/saved.js'
import { BadConnects } from './bad-connects.js'
import { SlowCauses } from './slow-causes.js'
import { type Kept, Worst } from './worst.js'

/** A rule that knows of each connect at once whether it is a bad one. */
type DirectRule = OverRule | FailuresRule | StuckRule

/** What is counted of the connects of one window, key by key. Nothing of it depends on the order in which they come. */
export class WindowTally {
  /** Microseconds since 1970. */
  readonly startUs: number
  readonly #sketches: SketchPool
  readonly #rules: readonly Rule[]
  readonly #hasBaseline: boolean
  /** From here on a connect may be slow for a baseline: below its floor nothing is. */
  readonly #floorUs: number
  /** By key id, the slot and one; 0 is none. */
  readonly #slotOf = new NumbersByKey(Int32Array)
  /** By slot. */
  #keys = new Int32Array(64)
  #size = 0
  readonly #connects = new NumbersByKey(Float64Array)
  readonly #sketch = new NumbersByKey(Int32Array)
  /** By rule, by slot. */
  readonly #bad: readonly Map<number, BadConnects>[]
  readonly #slow: SlowCauses
  /** Of those with a baseline, which all have the same, by slot. */
  readonly #slowest = new Worst()
  /** By rule, by slot. */
  readonly #worst: readonly Worst[]
  /** Each of them once. */
  readonly #worsts: readonly Worst[]

  constructor(startUs: number, rules: readonly Rule[], sketches: SketchPool) {
    this.startUs = startUs
    this.#rules = rules
    this.#sketches = sketches
    const floors = rules.flatMap((rule) => (rule.kind === 'baseline' ? [rule.floorUs] : []))
    this.#hasBaseline = floors.length > 0
    this.#floorUs = Math.min(...floors)
    this.#bad = rules.map(() => new Map<number, BadConnects>())
    this.#slow = new SlowCauses(sketches)
    this.#worst = rules.map(({ kind }) => (kind === 'baseline' ? this.#slowest : new Worst()))
    this.#worsts = [...new Set(this.#worst)]
  }

  /** How many keys have connects. */
  get size(): number {
    return this.#size
  }

  /** Ids of the keys that have connects, by slot. */
  get keys(): Int32Array {
    return this.#keys.subarray(0, this.#size)
  }

  /** @param key id of it */
  take(key: number, observation: Observation): void {
    const slot = this.#slot(key)
    const { outcome, latencyUs, weight } = observation
    // A stuck one is told again and again, and at last how it ended: it counts then.
    if (outcome !== 'stuck') this.#connects.set(slot, this.#connects.get(slot) + weight)
    const rules = this.#rules
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index] as Rule
      if (rule.kind === 'baseline' || !isBad(rule, observation)) continue
      this.#noted(index, slot).take(observation)
      if (!observation.isPart) this.#worst[index]?.take(slot, observation)
    }
    if (!this.#hasBaseline || latencyUs < 0 || !isAnswered(observation)) return
    this.#sketches.add(this.sketchOf(slot), latencyUs, weight)
    if (latencyUs < this.#floorUs) return
    this.#slow.take(slot, observation)
    if (!observation.isPart) this.#slowest.take(slot, observation)
  }

  /** The slot of a key, or -1 if none of its connects is in this window. */
  find(key: number): number {
    return this.#slotOf.get(key) - 1
  }

  connectsOf(slot: number): number {
    return this.#connects.get(slot)
  }

  /** @param rule its place in the list */
  badOf(rule: number, slot: number): BadConnects | undefined {
    return this.#bad[rule]?.get(slot)
  }

  /** Of the connects that took longer, how many had which cause. */
  causesAbove(slot: number, us: number): ReadonlyMap<Cause, number> {
    return this.#slow.above(slot, us)
  }

  /** The worst of a key's connects by a rule. */
  worstOf(rule: number, slot: number): readonly Kept[] {
    return this.#worst[rule]?.of(slot) ?? []
  }

  /** No more connects come. */
  settle(): void {
    for (const worst of this.#worsts) worst.settle()
  }

  /** Handle of the sketch of latencies; only where a rule has a baseline. */
  sketchOf(slot: number): number {
    return this.#sketch.get(slot)
  }

  /** Gives back what it holds. */
  free(): void {
    if (this.#hasBaseline)
      for (let slot = 0; slot < this.#size; slot++) this.#sketches.free(this.sketchOf(slot))
    this.#slow.free()
    this.#size = 0
  }

  /** What is counted of a key. */
  save(slot: number): Omit<SavedSlot, 'line' | 'lane' | 'key' | 'window_us'> {
    return {
      connects: this.connectsOf(slot),
      ...(this.#hasBaseline && { sketch: toBase64(this.#sketches.encode(this.sketchOf(slot))) }),
      bad: this.#bad.map((bySlot) => bySlot.get(slot)?.save() ?? null),
      slow: this.#slow.save(slot),
      worst: this.#worsts.map((worst) => [...worst.of(slot)]),
    }
  }

  /** @throws {DetectStateError} if it is damaged */
  restore(key: number, { connects, sketch, bad, slow, worst }: ReturnType<WindowTally['save']>): void {
    const slot = this.#slot(key)
    this.#connects.set(slot, connects)
    if (this.#hasBaseline && sketch !== undefined) {
      this.#sketches.free(this.sketchOf(slot))
      this.#sketch.set(slot, this.#sketches.decode(fromBase64(sketch)))
    }
    for (const [index, one] of bad.entries())
      if (one !== null) this.#bad[index]?.set(slot, BadConnects.restore(one))
    this.#slow.restore(slot, slow)
    for (const [index, kept] of worst.entries()) this.#worsts[index]?.restore(slot, kept)
  }

  #slot(key: number): number {
    const known = this.find(key)
    if (known >= 0) return known
    const slot = this.#size++
    if (slot >= this.#keys.length) this.#keys = grown(this.#keys, Int32Array, slot + 1)
    this.#keys[slot] = key
    this.#slotOf.set(key, slot + 1)
    if (this.#hasBaseline) this.#sketch.set(slot, this.#sketches.create())
    return slot
  }

  #noted(rule: number, slot: number): BadConnects {
    const bySlot = this.#bad[rule] as Map<number, BadConnects>
    let bad = bySlot.get(slot)
    if (bad === undefined) {
      bad = new BadConnects()
      bySlot.set(slot, bad)
    }
    return bad
  }
}

function isBad(rule: DirectRule, { outcome, latencyUs }: Observation): boolean {
  switch (rule.kind) {
    case 'over':
      return latencyUs >= rule.overUs && outcome !== 'stuck'
    case 'failures':
      return rule.outcomes.includes(outcome)
    case 'stuck':
      return outcome === 'stuck' && latencyUs >= rule.longerThanUs
  }
}

/** How long it took says how far the other end is; of a table that tells no outcome, those with a latency are. */
function isAnswered({ outcome }: Observation): boolean {
  return outcome === 'connected' || outcome === 'unknown'
}
