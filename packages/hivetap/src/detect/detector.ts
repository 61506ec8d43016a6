import type { Alert } from './alert.js'
import { DIMENSIONS } from './dimension.js'
import { type Explained, Lane } from './lane.js'
import type { Observation } from './observation.js'
import type { Rule } from './rules/rule.js'
import { SeenEvents } from './seen/seen-events.js'
import { SketchPool } from './sketch/sketch-pool.js'
import { readSavedLine, type SavedLine } from './state/saved.js'
import { DetectStateError } from './state/state-error.js'
import { eachPart } from './summary/each-part.js'
import { Watermark } from './time/watermark.js'

/**
 * A stream may always be read so far ahead of the slowest, besides two of the longest windows: microseconds. They do not come
 * evenly, and should seldom wait for each other.
 */
const MAY_BE_AHEAD_US = 300_000_000
/** And further while not so many windows wait to be closed, with not so many keys in them, over all rules. */
const MOST_WINDOWS = 1000
const MOST_KEYS = 100_000

/** A connect that was late: of a host that catches up, or behind one whose clock is fast. Which of the two, times do not tell. */
export interface Latest {
  /** By how much it was behind the newest: microseconds. */
  readonly byUs: number
  /** Its host; empty if it is not known. So is the next. */
  readonly host: string
  /** The host of the newest by then. */
  readonly aheadHost: string
}

export interface DetectorOptions {
  readonly rules: readonly Rule[]
  /** How far connects may be out of order and still count: microseconds. */
  readonly latenessUs: number
  /** Keys that are remembered, at most, in all rules that look at the same. */
  readonly maxKeys: number
  /** Whether connects that no rule finds bad are given too; `true` without. Alerts say of how many only then. */
  readonly seesAll?: boolean
  /** Given what each rule finds of each key, window by window. */
  readonly explain?: (explained: Explained) => void
}

/**
 * Finds connects that take too long, fail or hang. It knows no clock: what it tells depends on the times of connects alone,
 * whatever their order within the allowed lateness, so that a replay tells what the live run told.
 */
export class Detector {
  readonly #lanes: readonly Lane[]
  readonly #latenessUs: number
  #watermark: Watermark
  readonly #explain: ((explained: Explained) => void) | undefined
  readonly #longestUs: number
  readonly #seen = new SeenEvents()
  #alerts: Alert[] = []
  /** Who told the newest; empty if that is not known. */
  #newestHost = ''
  #latest: Latest | undefined
  /** The latest time of a connect: microseconds since 1970. */
  newestUs = Number.NEGATIVE_INFINITY
  /** Connects that were looked at, by this one: it is not saved. So is the next. */
  observed = 0
  /** Connects that came when their window was closed, for a rule at least. */
  late = 0
  /** Connects that came before, by their ids: agents deliver at least once, and each counts once. */
  copies = 0

  constructor({ rules, latenessUs, maxKeys, seesAll = true, explain }: DetectorOptions) {
    const sketches = new SketchPool({})
    this.#lanes = lanesOf(rules).map((lane) => new Lane(lane, sketches, { maxKeys, seesAll }))
    this.#longestUs = Math.max(0, ...this.#lanes.map(({ windowUs }) => windowUs))
    this.#latenessUs = latenessUs
    this.#watermark = new Watermark({ latenessUs })
    this.#explain = explain
  }

  take(observation: Observation): void {
    const before = this.#watermark.nowUs
    if (this.#isCopy(observation, before - this.#longestUs)) {
      // Nor does time go on by it: a copy may stand where others of its time do not.
      this.copies++
      return
    }
    const { summary } = observation
    if (summary === undefined) this.#count(observation, before)
    else eachPart(observation, summary, (part, events) => this.#count(part, before, events))
    this.pass(observation)
  }

  /** @param events for how many it stands, before its weight */
  #count(observation: Observation, nowUs: number, events = 1): void {
    this.observed += events
    let isLate = false
    for (let index = 0; index < this.#lanes.length; index++)
      if ((this.#lanes[index] as Lane).take(observation, nowUs)) isLate = true
    if (!isLate) return
    this.late += events
    const byUs = this.newestUs - observation.timeUs
    if (byUs > (this.#latest?.byUs ?? 0))
      this.#latest = { byUs, host: observation.host, aheadHost: this.#newestHost }
  }

  /** A connect that no rule has to look at: only time goes on by it. */
  pass({ stream, timeUs, host }: Observation): void {
    if (timeUs > this.newestUs) {
      this.newestUs = timeUs
      this.#newestHost = host
    }
    this.#watermark.see(stream, timeUs)
    this.#closeUntil(this.#watermark.nowUs)
  }

  /** This stream is read too: time waits for it. */
  expect(stream: number): void {
    this.#watermark.expect(stream)
  }

  /**
   * Somebody else reads this stream: time waits for it all the same.
   *
   * @param timeUs up to where they have read it; absent if that is not known; microseconds since 1970
   */
  elsewhere(stream: number, timeUs?: number): void {
    if (timeUs === undefined) {
      this.#watermark.expect(stream)
      return
    }
    // For those that have nothing to read here, that is how far time has come.
    if (timeUs > this.newestUs) {
      this.newestUs = timeUs
      this.#newestHost = ''
    }
    this.#watermark.see(stream, timeUs)
    this.#closeUntil(this.#watermark.nowUs)
  }

  /** The latest time that was seen of a stream: microseconds since 1970; `undefined` if none was. */
  reachedUs(stream: number): number | undefined {
    const timeUs = this.#watermark.greatestUs(stream)
    return Number.isFinite(timeUs) ? timeUs : undefined
  }

  /** Whether a stream is so far ahead of the slowest one that it is to be read no further for now: what comes of it only waits. */
  isAhead(stream: number): boolean {
    if (this.#watermark.aheadUs(stream) <= MAY_BE_AHEAD_US + 2 * this.#longestUs) return false
    let windows = 0
    let keys = 0
    for (const lane of this.#lanes) {
      const { held } = lane
      windows += held.windows
      keys += held.keys
    }
    return windows > MOST_WINDOWS || keys > MOST_KEYS
  }

  /**
   * Nothing is to be read of a stream for now: it holds nobody up.
   *
   * @param upToUs only up to there; microseconds since 1970
   */
  idle(stream: number, upToUs?: number): void {
    this.#watermark.idle(stream, upToUs)
    this.#closeUntil(this.#watermark.nowUs)
  }

  /** A stream is read no longer: another reader has it. */
  leave(stream: number): void {
    this.#watermark.leave(stream)
    this.#closeUntil(this.#watermark.nowUs)
  }

  /** Of those that were late, the one that was furthest behind the newest; `undefined` if none was. */
  get latest(): Latest | undefined {
    return this.#latest
  }

  /** Events of which it is forgotten, for want of room, that they came: a copy of one would count again. */
  get copiesForgotten(): number {
    return this.#seen.forgotten
  }

  /** Begin of the earliest window that is not closed: all connects before it are judged. Infinity if none is open. */
  get openSinceUs(): number {
    return this.#begun().reduce(
      (first, { nextEndUs, windowUs }) => Math.min(first, nextEndUs - windowUs),
      Number.POSITIVE_INFINITY,
    )
  }

  /** Time has come that far, whether or not there were connects: the clock of a live run, less the lateness. */
  advanceTo(timeUs: number): void {
    this.#watermark.advanceTo(timeUs)
    this.#closeUntil(this.#watermark.nowUs)
  }

  /** There is no more: windows that were begun are judged as they are. */
  finish(): void {
    for (let begun = this.#begun(); begun.length > 0; begun = this.#begun()) this.#close(firstToEnd(begun))
  }

  /**
   * What it remembers, line by line of JSON: another takes it up and goes on as this one would.
   *
   * @param position how far the input was read, as whoever reads it wants to know it again
   */
  *save(position: unknown): Generator<string> {
    const header: SavedLine = {
      line: 'detector',
      version: 1,
      ...(Number.isFinite(this.newestUs) && { newest_us: this.newestUs }),
      watermark: this.#watermark.state(),
      position,
    }
    yield `${JSON.stringify(header)}\n`
    for (const [index, lane] of this.#lanes.entries())
      for (const line of lane.save(index)) yield `${JSON.stringify(line)}\n`
    for (const line of this.#seen.save(this.#watermark.nowUs - this.#longestUs))
      yield `${JSON.stringify(line)}\n`
  }

  /**
   * Takes up what another saved. Of rules that have changed since, nothing is taken up.
   *
   * @returns the position that was saved with it
   * @throws {DetectStateError} if it is damaged: then this one is of no use any more
   */
  restore(lines: Iterable<string>): unknown {
    let position: unknown
    /** By the place that a lane had: it may have another now. */
    const lanes = new Map<number, Lane>()
    let isFirst = true
    for (const written of lines) {
      const saved = readSavedLine(written)
      if (isFirst !== (saved.line === 'detector'))
        throw new DetectStateError('a detector: its first line is not where it should be')
      isFirst = false
      if (saved.line === 'detector') {
        this.newestUs = saved.newest_us ?? Number.NEGATIVE_INFINITY
        const watermark = { ...(saved.watermark as object), lateness_us: this.#latenessUs }
        this.#watermark = Watermark.restore(watermark)
        position = saved.position
      } else if (saved.line === 'lane') {
        const lane = this.#lanes.find((one) => one.restore(saved))
        if (lane !== undefined) lanes.set(saved.lane, lane)
      } else if (saved.line === 'seen') this.#seen.restore(saved)
      else lanes.get(saved.lane)?.restore(saved)
    }
    if (isFirst) throw new DetectStateError('a detector: it is empty')
    return position
  }

  /** What was found since it was asked last, in order. */
  takeAlerts(): readonly Alert[] {
    const alerts = this.#alerts
    if (alerts.length > 0) this.#alerts = []
    return alerts
  }

  /** Alerts that are open, as they were told last. */
  get openAlerts(): readonly Alert[] {
    return this.#lanes.flatMap(({ openAlerts }) => openAlerts)
  }

  /** Keys that are remembered, were thrown out as the rarest, and found no room, over all rules. */
  get keys(): { readonly size: number; readonly evicted: number; readonly refused: number } {
    const sum = (of: (lane: Lane) => number) => this.#lanes.reduce((all, lane) => all + of(lane), 0)
    return {
      size: sum(({ keys }) => keys.size),
      evicted: sum(({ keys }) => keys.evicted),
      refused: sum(({ keys }) => keys.refused),
    }
  }

  /** Whether it came before. What is older than all windows counts no more, and is not remembered. */
  #isCopy({ eventId, epoch, sequence, timeUs }: Observation, sinceUs: number): boolean {
    if (timeUs < sinceUs) return false
    if (sequence >= 0) return !this.#seen.isNewOf(epoch, sequence, timeUs, sinceUs)
    return eventId !== '' && !this.#seen.isNew(eventId, timeUs, sinceUs)
  }

  #begun(): readonly Lane[] {
    return this.#lanes.filter(({ isBegun }) => isBegun)
  }

  /** Windows end in the order of time in all lanes, however far it goes on at once: so alerts come in one order. */
  #closeUntil(nowUs: number): void {
    while (this.#lanes.some(({ nextEndUs }) => nextEndUs <= nowUs)) this.#close(firstToEnd(this.#lanes))
  }

  #close(lane: Lane): void {
    const alerts = lane.close(this.#explain)
    if (alerts.length > 0) this.#alerts.push(...alerts)
  }
}

/** Of several that end at one time, the first. */
function firstToEnd(lanes: readonly Lane[]): Lane {
  return lanes.reduce((first, lane) => (lane.nextEndUs < first.nextEndUs ? lane : first))
}

/** Rules that look at the same connects by the same key in the same windows, together; in the order of the rules. */
function lanesOf(rules: readonly Rule[]): readonly (readonly [Rule, ...Rule[]])[] {
  const lanes = new Map<string, [Rule, ...Rule[]]>()
  for (const rule of rules) {
    const { by, where, windowUs } = rule
    const id = JSON.stringify([by, DIMENSIONS.map((dimension) => where[dimension] ?? null), windowUs])
    const lane = lanes.get(id)
    if (lane === undefined) lanes.set(id, [rule])
    else lane.push(rule)
  }
  return [...lanes.values()]
}
