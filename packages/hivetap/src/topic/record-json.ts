import { protobufDecoder } from '../sinks/kafka/protobuf-decoder.js'
import type { RecordCursor } from './wire/record-cursor.js'

const OPENING_BRACE = 0x7b

/** Why a record is none of ours. */
export type NoRecord = 'no_value' | 'not_protobuf' | 'content_type'

/** The JSON of records of a topic, whatever they are encoded as; JSON, if nothing else is said. */
export class RecordJson {
  #decode: ((value: Buffer) => Buffer | undefined) | undefined

  /** Whether its value is JSON as hivetap writes it: it can be read where it stands. */
  static isPlain({ bytes, valueFrom, valueTo }: RecordCursor): boolean {
    return valueTo > valueFrom && bytes[valueFrom] === OPENING_BRACE
  }

  /** @returns a part of the record's bytes, where it is JSON; or why it is none */
  of(record: RecordCursor): Buffer | NoRecord {
    const { bytes, valueFrom, valueTo } = record
    if (valueTo < 0) return 'no_value'
    const value = bytes.subarray(valueFrom, valueTo)
    if (RecordJson.isPlain(record)) return value
    const type = record.header('content-type')?.replace(/;.*/s, '').trim() ?? 'application/json'
    if (type === 'application/json') return value
    if (type !== 'application/protobuf') return 'content_type'
    this.#decode ??= protobufDecoder()
    return this.#decode(value) ?? 'not_protobuf'
  }
}
