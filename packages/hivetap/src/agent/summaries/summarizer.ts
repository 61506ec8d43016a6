import { SketchPool } from '../../detect/sketch/sketch-pool.js'
import { windowStart } from '../../detect/time/window.js'
import type { EventIdentity } from '../../kubernetes/event-identity.js'
import type { SummariesConfig } from '../agent.js'
import type { ConnectFacts } from './connect-facts.js'
import { OtherShare } from './other-share.js'
import { keyOf, keyText } from './summary-key.js'
import { SummaryTally } from './summary-tally.js'

/** Whose events: those that count by themselves and those that count by another tool's are summed up apart. */
export interface SummaryOf {
  /** Index of the tool that told them. */
  readonly tool: number
  /** The tool by which they count; their own, without. */
  readonly countedBy?: string | undefined
}

/** A summary that is to be told. */
export interface DueSummary {
  readonly of: SummaryOf
  /** Microseconds since 1970. */
  readonly startUs: number
  readonly endUs: number
  readonly tally: SummaryTally
}

interface Window {
  readonly of: SummaryOf
  readonly startUs: number
  readonly keys: Map<string, SummaryTally>
  /** Of the keys that had no room. */
  other: SummaryTally | undefined
}

/** Bins of a sketch: all there are, so that none is ever joined with another. */
const ALL_BINS = 4096

/**
 * Sums connects up, by tool, window and key. Windows go by the times of the events; they are aligned to 1970, so that those of all
 * nodes are the same. What comes behind its window's end is not left out: it makes a summary more of that window.
 */
export class Summarizer {
  readonly #config: SummariesConfig
  readonly #windowUs: number
  readonly #sketches = new SketchPool({ maxBins: ALL_BINS })
  readonly #windows = new Map<string, Window>()
  /** How many events found no room for their key. */
  readonly share = new OtherShare()
  #keys = 0
  #held = 0
  #newestUs = Number.NEGATIVE_INFINITY
  /** The window of the event before: mostly that of the next too. */
  #last: Window | undefined

  constructor(config: SummariesConfig) {
    this.#config = config
    this.#windowUs = config.everyMs * 1000
  }

  /** Keys that are counted in windows that are open; those that had no room are none. */
  get keys(): number {
    return this.#keys
  }

  /** Events that were taken, and are in no summary that was told. */
  get held(): number {
    return this.#held
  }

  /** Whether an event is worth having by itself: then it is told so, and stands in no summary. */
  isKept({ latencyUs, outcome }: ConnectFacts): boolean {
    // One that hangs is told again and again, and has not ended: it would count each time.
    if (outcome === 'stuck' || latencyUs >= this.#config.keepOverMs * 1000) return true
    return this.#config.keepFailed && outcome !== 'connected' && outcome !== 'unknown'
  }

  /** @param timeUs when it ended: microseconds since 1970 */
  take(of: SummaryOf, facts: ConnectFacts, identity: EventIdentity | undefined, timeUs: number): void {
    if (timeUs > this.#newestUs) this.#newestUs = timeUs
    const tally = this.#tally(this.#window(of, timeUs), facts, identity)
    tally.take(facts, timeUs)
    this.share.count(tally.key === undefined)
    this.#held++
  }

  /**
   * Summaries of windows that are over: the newest event is as far behind their end as is waited, or where none came since it was
   * asked last, the clock.
   *
   * @param nowUs of the wall clock: microseconds since 1970
   */
  *due(nowUs: number): Generator<DueSummary> {
    const reachUs = Math.min(nowUs, Number.isFinite(this.#newestUs) ? this.#newestUs : nowUs)
    this.#newestUs = Number.NEGATIVE_INFINITY
    for (const [id, window] of this.#windows)
      if (window.startUs + this.#windowUs + this.#config.delayMs * 1000 <= reachUs)
        yield* this.#close(id, window)
  }

  /** All there are: nothing more comes. */
  *rest(): Generator<DueSummary> {
    for (const [id, window] of this.#windows) yield* this.#close(id, window)
  }

  *#close(id: string, { of, startUs, keys, other }: Window): Generator<DueSummary> {
    this.#windows.delete(id)
    this.#last = undefined
    this.#keys -= keys.size
    const endUs = startUs + this.#windowUs
    for (const tally of other === undefined ? keys.values() : [...keys.values(), other]) {
      yield { of, startUs, endUs, tally }
      this.#held -= tally.events
      tally.free()
    }
  }

  #window(of: SummaryOf, timeUs: number): Window {
    const last = this.#last
    const startUs = windowStart(timeUs, this.#windowUs)
    if (last !== undefined && last.startUs === startUs && isSame(last.of, of)) return last
    const id = `${of.tool} ${of.countedBy ?? ''} ${startUs}`
    let window = this.#windows.get(id)
    if (window === undefined) {
      window = { of, startUs, keys: new Map(), other: undefined }
      this.#windows.set(id, window)
      this.share.open(startUs)
    }
    this.#last = window
    return window
  }

  #tally(window: Window, facts: ConnectFacts, identity: EventIdentity | undefined): SummaryTally {
    const text = keyText(facts, identity)
    let tally = window.keys.get(text)
    if (tally !== undefined) return tally
    const { maxKeys, examples } = this.#config
    if (this.#keys >= maxKeys) {
      window.other ??= new SummaryTally(undefined, this.#sketches, 0)
      return window.other
    }
    tally = new SummaryTally(keyOf(facts, identity), this.#sketches, examples)
    window.keys.set(text, tally)
    this.#keys++
    return tally
  }
}

function isSame(one: SummaryOf, other: SummaryOf): boolean {
  return one.tool === other.tool && one.countedBy === other.countedBy
}
