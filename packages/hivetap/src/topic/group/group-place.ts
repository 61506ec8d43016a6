/** A partition that nobody writes to for so long has nothing more for now, if it is read to its end. */
const QUIET_MS = 1000
/** One that does not answer for so long, while others do, holds nobody up any more. */
const SILENT_MS = 30_000
/** An answer comes at least this often, while all is well. */
const ANSWER_MS = 3000

/** A partition that was given to this member of a group, and how far it is read. */
export class GroupPlace {
  readonly partition: number
  /** The offset to fetch next: what is before it is read, or on its way. */
  next: number
  /** All records before this offset were looked at. */
  taken: number
  /** When a broker told of it last, by a clock that is never set. */
  answeredMs = performance.now()
  /** Behind its last record, as it was told last; -1 until it was. */
  #end = -1
  #isQuiet = false
  #recordMs = performance.now()

  constructor(partition: number, next: number) {
    this.partition = partition
    this.next = next
    this.taken = next
  }

  /**
   * A broker has answered.
   *
   * @param end behind its last record
   * @returns whether there is something to read again, where there was nothing
   */
  answered(end: number): boolean {
    this.#end = end
    this.answeredMs = performance.now()
    const isBack = this.#isQuiet && end > this.taken
    if (isBack) this.#isQuiet = false
    return isBack
  }

  /** Its records up to there were looked at. */
  take(behind: number): void {
    this.taken = Math.max(this.taken, behind)
    this.#recordMs = performance.now()
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

  isAnswering(nowMs: number): boolean {
    return nowMs - this.answeredMs < ANSWER_MS
  }

  /**
   * Whether it has fallen silent since it was asked last: then nobody is to wait for it.
   *
   * @param othersMs since when others have been answering
   */
  fallsQuiet(nowMs: number, othersMs: number): boolean {
    if (this.#isQuiet) return false
    this.#isQuiet =
      (this.isAtEnd && nowMs - this.#recordMs > QUIET_MS) ||
      nowMs - Math.max(this.answeredMs, othersMs) > SILENT_MS
    return this.#isQuiet
  }
}
