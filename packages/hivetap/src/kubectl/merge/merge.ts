import { TimeHeap } from './time-heap.js'

/** What is merged: when it happened by its node's clock, and how large it is. */
export interface Merged<T> {
  readonly node: string
  /** Microseconds since 1970. */
  readonly timeUs: number
  readonly bytes: number
  readonly item: T
}

/** What comes out: `late`, if something that happened after it is out already. */
export type Released<T> = Merged<T> & { readonly late: boolean }

/**
 * How far a node's own stream may be out of order, microseconds: two CPUs write to one buffer. A node is not taken to have
 * passed a time before it has told of one that is later by as much.
 */
const NODE_DISORDER_US = 5000

/**
 * Several nodes' streams as one, by time. Something is held until every node has told of something later, and no longer than
 * `waitMs`: a node that is silent, slow or gone does not hold the others back. What comes after that is handed out all the
 * same, and said to be late. Nothing is dropped here: whoever adds stops reading while it is `full`.
 */
export class Merge<T> {
  /** Things that came too late for their place. */
  late = 0
  readonly #waitMs: number
  readonly #most: { readonly items: number; readonly bytes: number }
  readonly #held = new TimeHeap<Merged<T>>()
  /** By node, the time up to which it has told all. */
  readonly #marks = new Map<string, number>()
  /** By the time at which they came, milliseconds, the latest time of what came then: oldest first. */
  readonly #arrivals: { readonly atMs: number; timeUs: number }[] = []
  #bytes = 0
  /** Up to here nothing waits any longer. */
  #overdueUs = Number.NEGATIVE_INFINITY
  #lastUs = Number.NEGATIVE_INFINITY

  /**
   * @param waitMs how long something waits for slower nodes
   * @param most what is held before it is full
   */
  constructor(waitMs: number, most: { readonly items: number; readonly bytes: number }) {
    this.#waitMs = waitMs
    this.#most = most
  }

  get held(): number {
    return this.#held.size
  }

  /** Whether nothing more should be added until something was taken. */
  get full(): boolean {
    return this.#held.size >= this.#most.items || this.#bytes >= this.#most.bytes
  }

  /** Whether half of it is free again. */
  get roomy(): boolean {
    return this.#held.size * 2 <= this.#most.items && this.#bytes * 2 <= this.#most.bytes
  }

  /** A node takes part: the others wait for it. */
  join(node: string): void {
    this.#marks.set(node, this.#marks.get(node) ?? Number.NEGATIVE_INFINITY)
  }

  /** A node is gone: nobody waits for it. What it told stays. */
  leave(node: string): void {
    this.#marks.delete(node)
  }

  /** @param nowMs by a clock that only goes on */
  add(merged: Merged<T>, nowMs: number): void {
    const { node, timeUs, bytes } = merged
    this.#held.push(timeUs, merged)
    this.#bytes += bytes
    const mark = this.#marks.get(node)
    if (mark !== undefined && timeUs - NODE_DISORDER_US > mark)
      this.#marks.set(node, timeUs - NODE_DISORDER_US)
    const atMs = Math.floor(nowMs)
    const last = this.#arrivals.at(-1)
    if (last === undefined || last.atMs < atMs) this.#arrivals.push({ atMs, timeUs })
    else last.timeUs = Math.max(last.timeUs, timeUs)
  }

  /** What is due, in the order of time; all that is held, with `nowMs` infinite. */
  *take(nowMs: number): Generator<Released<T>> {
    this.#passOverdue(nowMs)
    const horizonUs = Math.max(this.#overdueUs, this.#toldByAllUs())
    for (
      let timeUs = this.#held.first;
      timeUs !== undefined && timeUs <= horizonUs;
      timeUs = this.#held.first
    ) {
      const merged = this.#held.pop() as Merged<T>
      this.#bytes -= merged.bytes
      const late = timeUs < this.#lastUs
      if (late) this.late++
      else this.#lastUs = timeUs
      yield { ...merged, late }
    }
  }

  /** When something is due though no node tells more: in so many milliseconds; `undefined` where nothing is held. */
  dueInMs(nowMs: number): number | undefined {
    const [first] = this.#arrivals
    if (this.#held.size === 0 || first === undefined) return undefined
    return Math.max(0, first.atMs + 1 + this.#waitMs - nowMs)
  }

  #passOverdue(nowMs: number): void {
    let passed = 0
    for (const { atMs, timeUs } of this.#arrivals) {
      if (atMs + 1 + this.#waitMs > nowMs) break
      this.#overdueUs = Math.max(this.#overdueUs, timeUs)
      passed++
    }
    this.#arrivals.splice(0, passed)
  }

  /** Up to when every node that takes part has told all. */
  #toldByAllUs(): number {
    if (this.#marks.size === 0) return Number.POSITIVE_INFINITY
    let least = Number.POSITIVE_INFINITY
    for (const mark of this.#marks.values()) least = Math.min(least, mark)
    return least
  }
}
