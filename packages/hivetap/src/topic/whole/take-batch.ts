import { InputError } from '../input-error.js'
import { type BatchBytes, type Decompress, isControl, recordBytes } from '../wire/record-batch.js'
import { RecordCursor } from '../wire/record-cursor.js'
import type { Place } from './place.js'

/** Given a record, which is valid until it returns. */
export type TakeRecord = (place: Place, record: RecordCursor) => void

/**
 * Makes what hands out the records of a batch that are still to be read. What of it cannot be read is passed over, and counted.
 *
 * @throws {InputError} if no batch of this kind can be read here
 */
export function batchTaker(
  decompress: Decompress,
  take: TakeRecord,
): (place: Place, batch: BatchBytes) => void {
  const cursor = new RecordCursor()
  return (place, batch) => {
    if (batch.lastOffset < place.taken || isControl(batch)) {
      place.pass(batch, 0)
      return
    }
    let records = 0
    let why = whyNot(() => cursor.begin(batch, recordBytes(batch, decompress)))
    let isMore = why === undefined
    while (isMore) {
      why = whyNot(() => {
        isMore = cursor.next()
      })
      if (why !== undefined || !isMore) break
      if (!place.wants(cursor.offset)) continue
      records++
      take(place, cursor)
    }
    place.pass(batch, records, why)
  }
}

/** What is wrong with the bytes; what goes wrong in whoever is given a record is no business of theirs. */
function whyNot(read: () => void): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof InputError) throw error
    return error instanceof Error ? error.message : String(error)
  }
}
