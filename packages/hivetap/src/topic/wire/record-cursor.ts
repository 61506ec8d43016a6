import { type BatchBytes, hasAppendTime } from './record-batch.js'

/** A number has so many bytes at most that are read here: no length, time or offset is as far as that. */
const MOST_SCALE = 2 ** 49

/**
 * Goes from record to record of a batch, and makes no object for any: most of what reading a topic costs would be that.
 *
 * ```ts
 * cursor.begin(batch, recordBytes(batch, decompress))
 * while (cursor.next()) look(cursor.bytes, cursor.valueFrom, cursor.valueTo)
 * ```
 */
export class RecordCursor {
  /** Bytes of all of the batch's records. */
  bytes: Buffer = Buffer.alloc(0)
  offset = 0
  /** Milliseconds since 1970; -1 if it has none. */
  timeMs = -1
  /** Its value is from here to there; `valueTo` is -1 if it has none. */
  valueFrom = 0
  valueTo = -1
  #at = 0
  #left = 0
  #end = 0
  #headersAt = 0
  #firstOffset = 0
  #firstTimeMs = 0
  #appendTimeMs: number | undefined

  begin(batch: BatchBytes, records: Buffer): void {
    this.bytes = records
    this.#at = 0
    this.#left = batch.count
    this.#firstOffset = batch.firstOffset
    this.#firstTimeMs = batch.firstTimeMs
    this.#appendTimeMs = hasAppendTime(batch) ? batch.lastTimeMs : undefined
  }

  /** @returns whether there is one more. @throws {RangeError} if it is not whole */
  next(): boolean {
    if (this.#left <= 0) return false
    this.#left--
    const length = this.#varint()
    const end = this.#at + length
    if (length < 0 || end > this.bytes.length) throw cut()
    this.#at++ // attributes: there are none
    const timeDelta = this.#varint()
    this.timeMs = this.#appendTimeMs ?? this.#firstTimeMs + timeDelta
    this.offset = this.#firstOffset + this.#varint()
    const key = this.#varint()
    if (key > 0) this.#at += key
    const value = this.#varint()
    this.valueFrom = this.#at
    this.valueTo = value < 0 ? -1 : this.#at + value
    if (value > 0) this.#at += value
    if (this.#at > end) throw cut()
    this.#headersAt = this.#at
    this.#end = end
    this.#at = end
    return true
  }

  /** A header's value as text; `undefined` if there is none. @param name in small letters. @throws {RangeError} */
  header(name: string): string | undefined {
    const behind = this.#at
    this.#at = this.#headersAt
    try {
      for (let left = this.#varint(); left > 0; left--) {
        const key = this.#text()
        const value = this.#text()
        if (key?.toLowerCase() === name) return value
      }
      return undefined
    } finally {
      this.#at = behind
    }
  }

  #text(): string | undefined {
    const length = this.#varint()
    if (length < 0) return undefined
    const from = this.#at
    if (from + length > this.#end) throw cut()
    this.#at = from + length
    return this.bytes.toString('latin1', from, from + length)
  }

  /** Seven bits a byte, the lowest first; of the number, the sign is the lowest bit. */
  #varint(): number {
    const { bytes } = this
    let byte = bytes[this.#at++]
    if (byte === undefined) throw cut()
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let value = byte & 0x7f
    let scale = 128
    do {
      byte = bytes[this.#at++]
      if (byte === undefined || scale > MOST_SCALE) throw cut()
      value += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

function cut(): RangeError {
  return new RangeError('A record of it is not whole.')
}
