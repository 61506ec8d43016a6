import { DetectStateError } from '../state/state-error.js'
import { readWatermark, type WatermarkState } from './watermark-state.js'

export interface WatermarkOptions {
  /** How far behind the greatest time of its stream an event may come: microseconds. */
  readonly latenessUs: number
}

const EVER = Number.POSITIVE_INFINITY

interface Stream {
  greatestUs: number
  active: boolean
  /** Up to there it holds nobody up, while it is not active. */
  idleUs: number
}

function reachOf({ active, greatestUs, idleUs }: Stream): number {
  return active ? greatestUs : Math.max(greatestUs, idleUs)
}

/**
 * Says up to when all events have come, by their own times: the slowest of the active streams holds the others up, and each may
 * be out of order by the lateness. It never goes back. What comes behind it is late.
 *
 * A stream is heard of only when it is seen: if several are read, `expect` each of them first, else those that speak first are
 * ahead of those that speak later.
 */
export class Watermark {
  readonly #latenessUs: number
  readonly #streams = new Map<number, Stream>()
  #nowUs = Number.NEGATIVE_INFINITY
  #lastName = Number.NaN
  #last: Stream | undefined
  #slowest: Stream | undefined

  /** @throws {RangeError} if the lateness is negative or no number */
  constructor({ latenessUs }: WatermarkOptions) {
    if (!(latenessUs >= 0 && latenessUs < Number.POSITIVE_INFINITY))
      throw new RangeError(`Cannot allow a lateness of ${latenessUs} microseconds: give 0 or more`)
    this.#latenessUs = latenessUs
  }

  /** All times before this one have come: microseconds since 1970; -Infinity before anything has. */
  get nowUs(): number {
    return this.#nowUs
  }

  /** A stream will speak: it holds the others up until it does, or is idle. One that is known becomes active again. */
  expect(stream: number): void {
    const known = this.#streams.get(stream)
    if (known !== undefined) known.active = true
    else this.#streams.set(stream, { greatestUs: Number.NEGATIVE_INFINITY, active: true, idleUs: EVER })
    this.#advance()
  }

  /** An event of a stream has this time: microseconds since 1970. What is no finite number is passed over. */
  see(stream: number, timeUs: number): void {
    const one = stream === this.#lastName && this.#last !== undefined ? this.#last : this.#streamOf(stream)
    if (one.active && timeUs <= one.greatestUs) return
    if (!Number.isFinite(timeUs)) return
    const isBack = !one.active
    one.active = true
    if (timeUs > one.greatestUs) one.greatestUs = timeUs
    if (isBack || this.#slowest === undefined || one === this.#slowest) this.#advance()
  }

  /** The latest time of a stream: microseconds since 1970; -Infinity if nothing came of it. */
  greatestUs(stream: number): number {
    return this.#streams.get(stream)?.greatestUs ?? Number.NEGATIVE_INFINITY
  }

  /** By how much a stream is ahead of what holds time up: microseconds; 0 or less if nothing came of it. */
  aheadUs(stream: number): number {
    const greatestUs = this.greatestUs(stream)
    return greatestUs === Number.NEGATIVE_INFINITY ? 0 : greatestUs - this.#latenessUs - this.#nowUs
  }

  /**
   * A stream has nothing now: it holds nobody up until it is seen again.
   *
   * @param upToUs only up to there: what is later, it may still have; microseconds since 1970
   */
  idle(stream: number, upToUs = EVER): void {
    const one = this.#streams.get(stream)
    if (one === undefined || (!one.active && one.idleUs === upToUs)) return
    one.active = false
    one.idleUs = upToUs
    this.#advance()
  }

  /** A stream is read no longer: another reader has it. It is forgotten. */
  leave(stream: number): void {
    this.idle(stream)
    this.#streams.delete(stream)
    this.#lastName = Number.NaN
  }

  /**
   * All times before this one have come, whatever the streams say: the clock of a live run, less whatever events may still take.
   *
   * @param timeUs microseconds since 1970; an earlier time than before changes nothing
   */
  advanceTo(timeUs: number): void {
    if (Number.isFinite(timeUs) && timeUs > this.#nowUs) this.#nowUs = timeUs
  }

  /** All of it, for JSON. */
  state(): WatermarkState {
    const streams = [...this.#streams].map(([stream, { greatestUs, active }]) => ({
      stream,
      active,
      ...(Number.isFinite(greatestUs) ? { greatest_us: greatestUs } : {}),
    }))
    return {
      lateness_us: this.#latenessUs,
      ...(Number.isFinite(this.#nowUs) ? { now_us: this.#nowUs } : {}),
      streams,
    }
  }

  /**
   * Takes up what `state` gave. With another lateness, put it into the state.
   *
   * @throws {DetectStateError} if it is no such state
   */
  static restore(state: unknown): Watermark {
    const read = readWatermark(state)
    if (read === undefined) throw new DetectStateError('a watermark: its fields are not what they should be')
    const watermark = new Watermark({ latenessUs: read.lateness_us })
    for (const { stream, active, greatest_us: greatestUs = Number.NEGATIVE_INFINITY } of read.streams)
      watermark.#streams.set(stream, { greatestUs, active, idleUs: EVER })
    watermark.#advance()
    // With more lateness than before, it still does not go back.
    watermark.advanceTo(read.now_us ?? Number.NEGATIVE_INFINITY)
    return watermark
  }

  #streamOf(name: number): Stream {
    let one = this.#streams.get(name)
    if (one === undefined) {
      one = { greatestUs: Number.NEGATIVE_INFINITY, active: false, idleUs: EVER }
      this.#streams.set(name, one)
    }
    this.#lastName = name
    this.#last = one
    return one
  }

  #advance(): void {
    let slowest: Stream | undefined
    let reachUs = EVER
    for (const one of this.#streams.values()) {
      const oneUs = reachOf(one)
      if (oneUs >= reachUs) continue
      slowest = one
      reachUs = oneUs
    }
    this.#slowest = slowest
    if (slowest !== undefined) this.advanceTo(reachUs - this.#latenessUs)
  }
}
