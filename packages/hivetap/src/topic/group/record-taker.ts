import { InputError } from '../input-error.js'
import type { SpoiltBatch } from '../wire/batches-in.js'
import { decompressWith } from '../wire/decompress.js'
import { type BatchBytes, type Decompress, isControl, recordBytes } from '../wire/record-batch.js'
import { RecordCursor } from '../wire/record-cursor.js'
import type { GroupLibrary } from '../wire/topic-cluster.js'
import type { GroupEvents } from './group-events.js'
import type { GroupPlace } from './group-place.js'

/** Hands out the records of batches. One that is spoilt is passed over and told: it will not become better. */
export class RecordTaker {
  readonly #decompress: Decompress
  readonly #events: GroupEvents
  readonly #cursor = new RecordCursor()

  constructor(kafka: GroupLibrary, events: GroupEvents) {
    this.#decompress = decompressWith(kafka)
    this.#events = events
  }

  /** Hands out those that are behind what was looked at of their partition. */
  take(place: GroupPlace, batches: readonly BatchBytes[]): void {
    for (const batch of batches) {
      if (batch.lastOffset < place.taken) continue
      if (!isControl(batch)) this.#takeBatch(place, batch)
      place.take(batch.lastOffset + 1)
    }
  }

  /** Passes over what is no batch. */
  giveUp(place: GroupPlace, { offset, behind, why }: SpoiltBatch): void {
    if (behind <= place.taken) return
    this.#events.spoilt(place.partition, offset, behind - offset, why)
    place.take(behind)
  }

  #takeBatch({ partition, taken }: GroupPlace, batch: BatchBytes): void {
    const cursor = this.#cursor
    let next = Math.max(taken, batch.firstOffset)
    try {
      cursor.begin(batch, recordBytes(batch, this.#decompress))
      while (cursor.next()) {
        if (cursor.offset < taken) continue
        this.#events.record(partition, cursor)
        next = cursor.offset + 1
      }
    } catch (error) {
      if (error instanceof InputError) throw error
      this.#events.spoilt(partition, next, Math.max(1, batch.lastOffset + 1 - next), (error as Error).message)
    }
  }
}
