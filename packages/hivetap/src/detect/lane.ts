import type { Alert } from './alert.js'
import { Baselines } from './baseline/baselines.js'
import type { Dimension, Key } from './dimension.js'
import { judgeBaseline } from './judge/judge-baseline.js'
import { judgeCounted } from './judge/judge-counted.js'
import type { Evidence, Judgement } from './judge/judgement.js'
import { KnownKeys } from './keys/known-keys.js'
import type { Observation } from './observation.js'
import { RuleState } from './rule-state.js'
import { matcher } from './rules/match.js'
import type { Rule } from './rules/rule.js'
import type { SketchPool } from './sketch/sketch-pool.js'
import {
  fromBase64,
  type SavedKey,
  type SavedLane,
  type SavedLine,
  type SavedSlot,
  toBase64,
} from './state/saved.js'
import { DetectStateError } from './state/state-error.js'
import { windowStart } from './time/window.js'
import { WindowTally } from './windows/window-tally.js'

/** What a rule found of a key, told for `--explain`. */
export interface Explained {
  readonly rule: string
  readonly key: Key
  readonly windowStartUs: number
  readonly judgement: Judgement
  readonly isOpen: boolean
}

/** Rules that look at the same connects in the same windows by the same key: what is counted for one is counted for all. */
export class Lane {
  readonly windowUs: number
  readonly #rules: readonly Rule[]
  readonly #by: readonly Dimension[]
  readonly #matches: ((observation: Observation) => boolean) | undefined
  readonly #sketches: SketchPool
  readonly #seesAll: boolean
  /** Nearly all connects are none of its business. */
  readonly #onlyStuck: boolean
  readonly #keys: KnownKeys
  readonly #states: readonly RuleState[]
  /** By rule; only of those with a baseline. */
  readonly #baselines: readonly (Baselines | undefined)[]
  readonly #windows = new Map<number, WindowTally>()
  /** The window of the connect before: mostly that of the next too. */
  #current: WindowTally | undefined
  /** All windows that end here or before are closed: microseconds since 1970. */
  #closedUs = Number.NEGATIVE_INFINITY
  #nextEndUs = Number.POSITIVE_INFINITY
  readonly #values: string[] = []

  constructor(
    rules: readonly [Rule, ...Rule[]],
    sketches: SketchPool,
    { maxKeys, seesAll }: { readonly maxKeys: number; readonly seesAll: boolean },
  ) {
    this.#onlyStuck = rules.every(({ kind }) => kind === 'stuck')
    this.#seesAll = seesAll && !this.#onlyStuck
    const [{ windowUs, by, where }] = rules
    this.windowUs = windowUs
    this.#rules = rules
    this.#by = by
    this.#matches = matcher(where)
    this.#sketches = sketches
    this.#keys = new KnownKeys(maxKeys)
    this.#states = rules.map((rule) => new RuleState(rule))
    this.#baselines = rules.map((rule) => (rule.kind === 'baseline' ? new Baselines(rule) : undefined))
  }

  get keys(): KnownKeys {
    return this.#keys
  }

  /**
   * @param nowUs up to where times have come
   * @returns whether it came too late: its window is closed
   */
  take(observation: Observation, nowUs: number): boolean {
    if (this.#onlyStuck && observation.outcome !== 'stuck') return false
    if (this.#matches !== undefined && !this.#matches(observation)) return false
    let window = this.#current
    const { timeUs } = observation
    if (window === undefined || timeUs < window.startUs || timeUs >= window.startUs + this.windowUs) {
      const startUs = windowStart(timeUs, this.windowUs)
      if (startUs + this.windowUs <= nowUs || startUs < this.#closedUs) return true
      window = this.#window(startUs)
      this.#current = window
    }
    const key = this.#keys.id(valuesOf(observation, this.#by, this.#values))
    if (key >= 0) window.take(key, observation)
    return false
  }

  /** Alerts that are open, as they were told last. */
  get openAlerts(): readonly Alert[] {
    return this.#states.flatMap(({ tracked }) =>
      [...tracked.values()].flatMap(({ told }) => (told === undefined ? [] : [told])),
    )
  }

  /** Whether there are connects in windows that are not closed. */
  get isBegun(): boolean {
    return this.#windows.size > 0
  }

  /** What windows that are not closed hold: how many there are, and keys in all of them together. */
  get held(): { readonly windows: number; readonly keys: number } {
    let keys = 0
    for (const window of this.#windows.values()) keys += window.size
    return { windows: this.#windows.size, keys }
  }

  /** End of the window that is to be closed next: microseconds since 1970; Infinity if there is none. */
  get nextEndUs(): number {
    return this.#nextEndUs
  }

  /** Judges the window that ends next. @param explain given what each rule finds of each key */
  close(explain?: (explained: Explained) => void): readonly Alert[] {
    const startUs = this.#nextEndUs - this.windowUs
    const tally = this.#windows.get(startUs) ?? new WindowTally(startUs, this.#rules, this.#sketches)
    this.#windows.delete(startUs)
    if (this.#current === tally) this.#current = undefined
    this.#closedUs = this.#nextEndUs
    tally.settle()
    const tracked = this.#states.flatMap((state) => [...state.tracked.keys()])
    const alerts = this.#states.flatMap((state, index) => this.#judge(state, index, tally, explain))
    this.#keys.saw(tally)
    this.#forget(tally, tracked)
    tally.free()
    this.#nextEndUs = this.#endOfNext()
    return alerts
  }

  /** What it remembers, line by line. @param lane its place among the lanes */
  *save(lane: number): Generator<SavedLine> {
    const closed = Number.isFinite(this.#closedUs) ? { closed_us: this.#closedUs } : {}
    yield { line: 'lane', lane, rules: JSON.stringify(this.#rules), ...closed }
    for (const id of this.#keys.ids()) yield this.#savedKey(lane, id)
    for (const window of this.#windows.values())
      for (const [slot, id] of window.keys.entries()) {
        const key = [...this.#keys.valuesOf(id)]
        yield { line: 'slot', lane, window_us: window.startUs, key, ...window.save(slot) }
      }
  }

  /**
   * Takes up a line of it.
   *
   * @returns whether it is of these rules
   * @throws {DetectStateError} if it is damaged
   */
  restore(saved: SavedLane | SavedKey | SavedSlot): boolean {
    if (saved.line === 'lane') {
      if (saved.rules !== JSON.stringify(this.#rules)) return false
      this.#checkWindow(saved.closed_us ?? 0)
      this.#closedUs = saved.closed_us ?? Number.NEGATIVE_INFINITY
      return true
    }
    if (saved.key.length !== this.#by.length)
      throw new DetectStateError('a key: it has other dimensions than its rules')
    if (saved.line === 'slot') {
      this.#checkWindow(saved.window_us)
      if (saved.window_us < this.#closedUs) throw new DetectStateError('a window: it is closed')
    }
    const id = this.#keys.id(saved.key)
    if (id < 0) return true
    if (saved.line === 'key') this.#restoreKey(id, saved)
    else this.#window(saved.window_us).restore(id, saved)
    this.#nextEndUs = this.#endOfNext()
    return true
  }

  /** Windows that lie otherwise would never be closed. */
  #checkWindow(startUs: number): void {
    if (startUs % this.windowUs !== 0)
      throw new DetectStateError('a window: it begins at no multiple of its length')
  }

  #savedKey(lane: number, id: number): SavedKey {
    const rules = this.#states.map((state, index) => {
      const baseline = this.#baselines[index]?.state(id)
      return {
        ...state.save(id),
        ...(baseline !== undefined && { history: toBase64(baseline.history), adapting: baseline.adapting }),
      }
    })
    return {
      line: 'key',
      lane,
      key: [...this.#keys.valuesOf(id)],
      activity: this.#keys.activityOf(id),
      rules,
    }
  }

  #restoreKey(id: number, { activity, rules }: SavedKey): void {
    this.#keys.restoreActivity(id, activity)
    for (const [index, saved] of rules.entries()) {
      this.#states[index]?.restore(id, saved)
      if (saved.history !== undefined)
        this.#baselines[index]?.restore(id, {
          history: fromBase64(saved.history),
          adapting: saved.adapting ?? 0,
        })
    }
  }

  #window(startUs: number): WindowTally {
    let window = this.#windows.get(startUs)
    if (window === undefined) {
      window = new WindowTally(startUs, this.#rules, this.#sketches)
      this.#windows.set(startUs, window)
      this.#nextEndUs = Math.min(this.#nextEndUs, startUs + this.windowUs)
    }
    return window
  }

  #endOfNext(): number {
    // As long as a key is bad, or was a moment ago, windows without connects count too.
    if (this.#states.some(({ tracked }) => tracked.size > 0)) return this.#closedUs + this.windowUs
    let first = Number.POSITIVE_INFINITY
    for (const startUs of this.#windows.keys()) if (startUs < first) first = startUs
    return first + this.windowUs
  }

  #judge(
    state: RuleState,
    index: number,
    tally: WindowTally,
    explain: ((explained: Explained) => void) | undefined,
  ): readonly Alert[] {
    const baselines = this.#baselines[index]
    const alerts: Alert[] = []
    const judge = (key: number) => {
      const slot = tally.find(key)
      const judgement = this.#judgement(state.rule, index, tally, slot, key)
      baselines?.learn(key, tally.startUs, judgement)
      const alert = state.judged(key, judgement, tally.startUs, () => ({
        key: this.#keyOf(key),
        seesAll: this.#seesAll,
        evidence: evidenceOf(tally, index, slot, judgement),
      }))
      if (alert !== undefined) alerts.push(alert)
      explain?.({
        rule: state.rule.name,
        key: this.#keyOf(key),
        windowStartUs: tally.startUs,
        judgement,
        isOpen: state.isOpen(key),
      })
    }
    const absent = [...state.tracked.keys()].filter((key) => tally.find(key) < 0)
    for (const key of tally.keys) judge(key)
    for (const key of absent) judge(key)
    // Ids of keys tell in which order they came: a replay may have had another.
    return alerts.sort((a, b) => (keyText(a) < keyText(b) ? -1 : 1))
  }

  #judgement(rule: Rule, index: number, tally: WindowTally, slot: number, key: number): Judgement {
    if (rule.kind !== 'baseline') return judgeCounted(rule, tally.connectsOf(slot), tally.badOf(index, slot))
    const usual = this.#baselines[index]?.usual(key, tally.startUs)
    return judgeBaseline(rule, this.#sketches, slot < 0 ? -1 : tally.sketchOf(slot), usual)
  }

  #keyOf(id: number): Key {
    const values = this.#keys.valuesOf(id)
    return Object.fromEntries(this.#by.map((dimension, index) => [dimension, values[index] ?? '']))
  }

  /** Keys of which nothing is known any more, and the rarest of those that are too many. */
  #forget(tally: WindowTally, tracked: readonly number[]): void {
    const windows = [...this.#windows.values()]
    const isCounted = (key: number) => windows.some((window) => window.find(key) >= 0)
    const isTracked = (key: number) => this.#states.some(({ tracked }) => tracked.has(key))
    if (this.#baselines.every((baselines) => baselines === undefined))
      for (const keys of [tally.keys, new Set(tracked.filter((key) => tally.find(key) < 0))])
        for (const key of keys)
          if (!isTracked(key) && !isCounted(key)) {
            this.#drop(key)
            this.#keys.remove(key)
          }
    for (const key of this.#keys.evict((one) => isTracked(one) || isCounted(one))) this.#drop(key)
  }

  #drop(key: number): void {
    for (const state of this.#states) state.forget(key)
    for (const baselines of this.#baselines) baselines?.forget(key)
  }
}

function evidenceOf(tally: WindowTally, index: number, slot: number, judgement: Judgement): Evidence {
  const bad = tally.badOf(index, slot)
  const worst = tally.worstOf(index, slot)
  if (bad !== undefined) return { outcomes: bad.outcomes, causes: bad.causes, worst }
  return {
    outcomes: new Map([['connected', judgement.bad]]),
    causes: tally.causesAbove(slot, judgement.threshold),
    worst: worst.filter(({ latencyUs }) => latencyUs > judgement.threshold),
  }
}

function keyText({ key }: Alert): string {
  return JSON.stringify(Object.values(key))
}

/** The values of these dimensions. */
function valuesOf(observation: Observation, by: readonly Dimension[], into: string[]): readonly string[] {
  for (let index = 0; index < by.length; index++) into[index] = observation[by[index] as Dimension]
  return into
}
