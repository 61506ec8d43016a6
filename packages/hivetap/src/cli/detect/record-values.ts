import type { DetectReader } from '../../detect/input/reader-options.js'
import { protobufDecoder } from '../../sinks/kafka/protobuf-decoder.js'
import type { RecordCursor } from '../../topic/wire/record-cursor.js'

const OPENING_BRACE = 0x7b
/** Clocks of hosts differ; what claims to be later than this is not believed. Microseconds. */
export const CLOCKS_DIFFER_US = 1_000_000

/** Gives the values of records to a reader, whatever they are encoded as. */
export class RecordValues {
  readonly #reader: DetectReader
  #decode: ((value: Buffer) => Buffer | undefined) | undefined
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
    if (valueTo < 0) this.#refuse('no_value', '')
    else if (bytes[valueFrom] === OPENING_BRACE && valueTo > valueFrom)
      this.#read(bytes, valueFrom, valueTo, cursor)
    else this.#takeOther(bytes.subarray(valueFrom, valueTo), cursor)
  }

  #read(bytes: Buffer, from: number, to: number, { timeMs }: RecordCursor): void {
    // A record's time has no fraction of a millisecond; its event's has.
    const recordUs = timeMs < 0 ? this.#latestUs : timeMs * 1000 + 999
    const clampUs = Math.min(recordUs, this.#latestUs)
    this.#reader.readRecordIn(bytes, from, to, this.#partition, clampUs, this.#where)
  }

  #takeOther(value: Buffer, cursor: RecordCursor): void {
    const type = cursor.header('content-type')?.replace(/;.*/s, '').trim() ?? 'application/json'
    if (type === 'application/json') this.#read(value, 0, value.length, cursor)
    else if (type === 'application/protobuf') {
      this.#decode ??= protobufDecoder()
      const json = this.#decode(value)
      if (json === undefined) this.#refuse('not_protobuf', value.toString('latin1', 0, 200))
      else this.#read(json, 0, json.length, cursor)
    } else this.#refuse('content_type', type)
  }

  #refuse(reason: string, text: string): void {
    this.#reader.refuseRecord(reason, this.#where, () => text)
  }

  readonly #where = () => `partition ${this.#partition}, offset ${this.#offset}`
}
