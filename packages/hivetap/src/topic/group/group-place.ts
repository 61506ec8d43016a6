import { FetchedPlace } from '../wire/fetched-place.js'

/** What others have read this long before a partition was seen to have nothing more, it would have had by then too. */
const QUIET_MS = 1000
/** While brokers are away, and for a while after, writers may keep what they have for so long. */
const KEPT_MS = 30_000
/**
 * A partition that nobody answers for, while others are answered, is waited for so long: several times as long as answers may
 * take, so that only what is gone is not waited for.
 */
const SILENT_MS = 120_000
/** An answer comes at least this often, while all is well. */
const ANSWER_MS = 3000

/** A partition that was given to this member of a group, and how far it is read. */
export class GroupPlace extends FetchedPlace {
  /** All records before this offset were looked at. */
  taken: number
  /** When a broker told of it last, by a clock that is never set. */
  answeredMs = performance.now()
  /** When records of it were looked at last, likewise. */
  recordMs = performance.now()
  /** When what is known of its end was asked for. */
  #askedMs = Number.NEGATIVE_INFINITY
  /** Behind its last record, as it was told last; -1 until it was. */
  #end = -1
  #isQuiet = false

  constructor(partition: number, next: number) {
    super(partition, next)
    this.taken = next
  }

  /**
   * A broker has answered.
   *
   * @param end behind its last record
   * @param askedMs when it was asked
   * @returns whether there is something to read again, where there was nothing
   */
  answered(end: number, askedMs: number): boolean {
    this.#end = end
    this.#askedMs = askedMs
    this.answeredMs = performance.now()
    const isBack = this.#isQuiet && end > this.taken
    if (isBack) this.#isQuiet = false
    return isBack
  }

  /** Its records up to there were looked at. */
  take(behind: number): void {
    this.taken = Math.max(this.taken, behind)
    this.recordMs = performance.now()
  }

  /** It is read on from there. */
  moveTo(offset: number): void {
    this.next = offset
    this.taken = offset
  }

  /** Whether all of its records were looked at, as far as is known. */
  get isAtEnd(): boolean {
    return this.#end >= 0 && this.taken >= this.#end
  }

  /** Nothing was asked of it, or nothing could be: that it was silent until now says nothing. */
  excuse(nowMs: number): void {
    this.answeredMs = nowMs
  }

  /** Whether it is waited for no longer. @param othersMs since when others have been answering */
  isSilent(nowMs: number, othersMs: number): boolean {
    return nowMs - SILENT_MS > Math.max(this.answeredMs, othersMs)
  }

  isAnswering(nowMs: number): boolean {
    return nowMs - this.answeredMs < ANSWER_MS
  }

  /** For how long it is not known what it has, in milliseconds. */
  staleMs(nowMs: number): number {
    return nowMs - this.#askedMs
  }

  /**
   * Up to which time nobody needs to wait for it: what had come to others by then, has come to it too. That is what a broker
   * answered, and is not taken from its silence, so that a slow one is waited for.
   *
   * @param othersMs since when others have been answering
   * @param isOutage whether brokers are away, or were a moment ago: then what has nothing may still get what others kept
   * @returns by the clock that is never set; -Infinity if it is to be waited for
   */
  restsSinceMs(nowMs: number, othersMs: number, isOutage = false): number {
    let restsMs = Number.NEGATIVE_INFINITY
    if (this.isAtEnd) restsMs = Math.min(this.#askedMs - QUIET_MS, isOutage ? nowMs - KEPT_MS : nowMs)
    if (this.isSilent(nowMs, othersMs)) restsMs = Math.max(restsMs, nowMs - SILENT_MS)
    if (restsMs > Number.NEGATIVE_INFINITY) this.#isQuiet = true
    return restsMs
  }
}
