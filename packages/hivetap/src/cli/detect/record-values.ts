import type { DetectReader } from '../../detect/input/reader-options.js'
import { type NoRecord, RecordJson } from '../../topic/record-json.js'
import type { RecordCursor } from '../../topic/wire/record-cursor.js'

/** Clocks of hosts differ; what claims to be later than this is not believed. Microseconds. */
export const CLOCKS_DIFFER_US = 1_000_000

/** Gives the values of records to a reader, whatever they are encoded as. */
export class RecordValues {
  readonly #reader: DetectReader
  readonly #json = new RecordJson()
  #batch: Buffer | undefined
  #latestUs = 0
  #partition = 0
  #offset = 0

  constructor(reader: DetectReader) {
    this.#reader = reader
  }

  take(partition: number, cursor: RecordCursor): void {
    const { bytes, valueFrom, valueTo } = cursor
    this.#partition = partition
    this.#offset = cursor.offset
    if (bytes !== this.#batch) {
      this.#batch = bytes
      this.#latestUs = Date.now() * 1000 + CLOCKS_DIFFER_US
    }
    if (RecordJson.isPlain(cursor)) this.#read(bytes, valueFrom, valueTo, cursor)
    else this.#takeOther(cursor)
  }

  #read(bytes: Buffer, from: number, to: number, { timeMs }: RecordCursor): void {
    // A record's time has no fraction of a millisecond; its event's has.
    const recordUs = timeMs < 0 ? this.#latestUs : timeMs * 1000 + 999
    const clampUs = Math.min(recordUs, this.#latestUs)
    this.#reader.readRecordIn(bytes, from, to, this.#partition, clampUs, this.#where)
  }

  #takeOther(cursor: RecordCursor): void {
    const json = this.#json.of(cursor)
    if (typeof json !== 'string') this.#read(json, 0, json.length, cursor)
    else this.#reader.refuseRecord(json, this.#where, () => textOf(json, cursor))
  }

  readonly #where = () => `partition ${this.#partition}, offset ${this.#offset}`
}

/** What is quoted of a record that cannot be read. */
function textOf(why: NoRecord, cursor: RecordCursor): string {
  const { bytes, valueFrom, valueTo } = cursor
  if (why === 'content_type') return cursor.header('content-type') ?? ''
  return bytes.toString('latin1', valueFrom, Math.min(valueTo, valueFrom + 200))
}
