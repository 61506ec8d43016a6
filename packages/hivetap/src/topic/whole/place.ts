import { TRANSACTIONAL } from '../../sinks/kafka/batch-layout.js'
import { FetchedPlace } from '../wire/fetched-place.js'
import { type BatchBytes, isControl } from '../wire/record-batch.js'

/** A partition, and how far it is read up to where it ended when reading began. */
export class Place extends FetchedPlace {
  /** Behind the last offset that is read: what was next to be written when reading began. */
  readonly end: number
  /** Offsets passed over that held nothing: of records that were compacted away. */
  gaps = 0
  /** Offsets that were deleted before they could be read. */
  deleted = 0
  /** Records that were written in transactions. */
  transactional = 0
  /** Offsets that are given up: what stands there cannot be read. */
  spoilt = 0
  /** Why the first of them could not be. */
  whySpoilt: string | undefined
  #taken: number

  constructor(partition: number, next: number, end: number) {
    super(partition, next)
    this.end = end
    this.#taken = next
  }

  /** All before this offset is read. */
  get taken(): number {
    return this.#taken
  }

  get isRead(): boolean {
    return this.next >= this.end
  }

  /** Whether an offset is still to be read. */
  wants(offset: number): boolean {
    return offset >= this.#taken && offset < this.end
  }

  /**
   * A batch is read.
   *
   * @param records how many there were of those that it {@link wants}
   * @param why the others could not be read, if that is so
   */
  pass(batch: BatchBytes, records: number, why?: string): void {
    const from = this.#taken
    const behind = batch.lastOffset + 1
    if (behind <= from) return
    // The brokers' own records are nobody's, and no gap.
    const to = isControl(batch) ? Math.max(from, batch.firstOffset) : Math.min(behind, this.end)
    const missing = Math.max(0, to - from - records)
    if (why === undefined) this.gaps += missing
    else this.#spoil(missing, why)
    if ((batch.attributes & TRANSACTIONAL) !== 0) this.transactional += records
    this.#takenTo(behind)
  }

  /** What is before this offset and is not read yet cannot be. */
  giveUp(behind: number, why: string): void {
    const to = Math.min(behind, this.end)
    if (to <= this.#taken) return
    this.#spoil(to - this.#taken, why)
    this.#takenTo(behind)
  }

  /** The partition begins at that offset now. */
  deleteUntil(offset: number): void {
    const to = Math.min(offset, this.end)
    if (to <= this.#taken) return
    this.deleted += to - this.#taken
    this.#takenTo(to)
  }

  /** Nothing more is there, though its end is not reached: the rest was compacted away. */
  endHere(): void {
    this.gaps += this.end - this.#taken
    this.#takenTo(this.end)
  }

  #spoil(offsets: number, why: string): void {
    this.spoilt += offsets
    this.whySpoilt ??= why
  }

  #takenTo(behind: number): void {
    this.#taken = behind
    this.next = Math.max(this.next, behind)
    this.trusts()
  }
}
