import { ByteCursor } from './byte-cursor.js'

/** What a broker has of a partition. */
export interface FetchedPartition {
  readonly partition: number
  /** Of Kafka's protocol; 0 is none. */
  readonly errorCode: number
  /** Behind the last record that may be read; -1 with an error. */
  readonly end: number
  /** Its batches, as they are stored; empty if there are none. The last may be cut. */
  readonly batches: Buffer
}

/** The answer to a fetch of one topic. */
export interface Fetched {
  readonly errorCode: number
  readonly partitions: readonly FetchedPartition[]
}

/** From here on, topics are told by their id. */
const WITH_IDS = 13
const NOTHING = Buffer.alloc(0)

/**
 * Reads the answer to a fetch, versions 12 to 17. What the batches hold is not looked at.
 *
 * @throws {RangeError} if it is none
 */
export function readFetchResponse(bytes: Buffer, version: number): Fetched {
  const cursor = new ByteCursor(bytes)
  cursor.int32() // for how long the broker held it back
  const errorCode = cursor.int16()
  cursor.int32() // session: none was asked for
  const topics = cursor.compactArray(() => {
    if (version >= WITH_IDS) cursor.take(16)
    else cursor.compactString()
    const partitions = cursor.compactArray(() => readPartition(cursor))
    cursor.skipTags()
    return partitions
  })
  return { errorCode, partitions: topics.flat() }
}

function readPartition(cursor: ByteCursor): FetchedPartition {
  const partition = cursor.int32()
  const errorCode = cursor.int16()
  const end = cursor.int64()
  cursor.int64() // behind the last that is committed
  cursor.int64() // its beginning
  cursor.compactArray(() => {
    cursor.take(16) // a transaction that was aborted
    cursor.skipTags()
  })
  cursor.int32() // another replica to read from: none was asked for
  const batches = cursor.compactBytes() ?? NOTHING
  cursor.skipTags()
  return { partition, errorCode, end, batches }
}
