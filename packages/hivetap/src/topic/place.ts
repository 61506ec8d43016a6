import type { KafkaRecord, RecordsBatch } from '@platformatic/kafka'
import { CONTROL, TRANSACTIONAL } from '../sinks/kafka/batch-layout.js'

/** A record, where it stands. */
export interface Placed {
  readonly offset: bigint
  readonly record: KafkaRecord
}

/** A partition, and how far it is read. */
export class Place {
  readonly partition: number
  /** Behind the last offset that is read: what was next to be written when reading began. */
  readonly end: bigint
  #next: bigint
  /** Offsets passed over that held nothing: of records that were compacted away. */
  gaps = 0
  /** Offsets that were deleted before they could be read. */
  deleted = 0
  /** Records that were written in transactions. */
  transactional = 0

  constructor(partition: number, next: bigint, end: bigint) {
    this.partition = partition
    this.#next = next
    this.end = end
  }

  /** The offset to read next. */
  get next(): bigint {
    return this.#next
  }

  get isRead(): boolean {
    return this.#next >= this.end
  }

  /** The records of a batch that are still to be read; it is read then. */
  pass(batch: RecordsBatch): readonly Placed[] {
    const behind = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
    const from = this.#next
    if (behind <= from) return []
    const to = behind < this.end ? behind : this.end
    this.#next = behind
    if ((batch.attributes & CONTROL) !== 0) {
      this.gaps += Number(batch.firstOffset > from ? batch.firstOffset - from : 0n)
      return []
    }
    const records: Placed[] = []
    for (const record of batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta)
      if (offset >= from && offset < to) records.push({ offset, record })
    }
    this.gaps += Math.max(0, Number(to - from) - records.length)
    if ((batch.attributes & TRANSACTIONAL) !== 0) this.transactional += records.length
    return records
  }

  /** The partition begins at that offset now. */
  deleteUntil(offset: bigint): void {
    const next = offset < this.end ? offset : this.end
    if (next <= this.#next) return
    this.deleted += Number(next - this.#next)
    this.#next = next
  }

  /** Nothing more is there, though its end is not reached: the rest was compacted away. */
  giveUp(): void {
    this.gaps += Number(this.end - this.#next)
    this.#next = this.end
  }
}
