import { isEpochId } from '../stream/epoch-id.js'
import { readTime, TIME_LENGTH } from '../stream/record-time.js'
import { type AuditRecord, unreadable } from './audit-record.js'
import { contentHash } from './content-hash.js'
import { EPOCH_LENGTH, isSequence, MOST_DIGITS } from './event-id.js'
import { MOST_HOST, readJson } from './read-json.js'

/** Bytes of a record at most: a broker takes a megabyte unless it is told otherwise. */
const MOST_BYTES = 16 * 1024 * 1024

const BEFORE_ID = Buffer.from('{"version":1,"event_id":"')
const BEFORE_TIME = Buffer.from('","time":"')
const BEFORE_HOST = Buffer.from('","host":"')
const BEFORE_TOOL = Buffer.from(',"tool":"')
const BEFORE_RECORD = Buffer.from(',"record"')
const QUOTE = 0x22
const BACKSLASH = 0x5c
const DASH = 0x2d
const CLOSING_BRACE = 0x7d
const NEWLINE = 0x0a

/**
 * Reads records as JsonLines writes them. Of an event only the envelope is read, whose parts stand in one order: it must
 * be what hivetap writes to the letter, otherwise all of the JSON is read.
 */
export class RecordReader {
  readonly #epochs = new RepeatedText()
  readonly #hosts = new RepeatedText()

  /** @param bytes a record, with or without a newline at its end; they are not kept */
  read(bytes: Buffer): AuditRecord {
    if (bytes.length > MOST_BYTES) return unreadable('too_long')
    const record = bytes[bytes.length - 1] === NEWLINE ? bytes.subarray(0, -1) : bytes
    return this.#readEvent(record) ?? readJson(record)
  }

  /** `undefined` if it is no event, or not written as hivetap does. */
  #readEvent(bytes: Buffer): AuditRecord | undefined {
    if (!startsWith(bytes, 0, BEFORE_ID) || bytes[bytes.length - 1] !== CLOSING_BRACE) return undefined
    let at = BEFORE_ID.length + EPOCH_LENGTH
    if (bytes[at] !== DASH) return undefined
    const digitsAt = ++at
    let sequence = 0
    for (let digit = (bytes[at] ?? 0) - 48; digit >= 0 && digit <= 9; digit = (bytes[++at] ?? 0) - 48)
      sequence = sequence * 10 + digit
    const digits = at - digitsAt
    if (
      digits === 0 ||
      digits > MOST_DIGITS ||
      (digits > 1 && bytes[digitsAt] === 48) ||
      !isSequence(sequence)
    )
      return undefined
    if (!startsWith(bytes, at, BEFORE_TIME)) return undefined
    at += BEFORE_TIME.length
    const timeMs = readTime(bytes, at)
    at += TIME_LENGTH
    if (timeMs === undefined || !startsWith(bytes, at, BEFORE_HOST)) return undefined
    at += BEFORE_HOST.length
    const hostAt = at
    at = endOfText(bytes, hostAt, MOST_HOST)
    if (at <= hostAt || !startsWith(bytes, at + 1, BEFORE_TOOL)) return undefined
    const hostEnd = at
    at = endOfText(bytes, at + 1 + BEFORE_TOOL.length, MOST_HOST)
    if (at < 0 || startsWith(bytes, at + 1, BEFORE_RECORD)) return undefined
    const epoch = this.#epochs.text(bytes, BEFORE_ID.length, BEFORE_ID.length + EPOCH_LENGTH, isEpochId)
    if (epoch === undefined) return undefined
    const host = this.#hosts.text(bytes, hostAt, hostEnd, () => true)
    if (host === undefined) return undefined
    return { kind: 'event', epoch, sequence, timeMs, host, hash: contentHash(bytes) }
  }
}

/** The text of some bytes, which are mostly those of the record before. */
class RepeatedText {
  #bytes = Buffer.alloc(0)
  #text: string | undefined

  /** @returns `undefined` if it is not what it is to be */
  text(bytes: Buffer, from: number, to: number, isGood: (text: string) => boolean): string | undefined {
    if (this.#text !== undefined && to - from === this.#bytes.length && startsWith(bytes, from, this.#bytes))
      return this.#text
    const text = bytes.toString('latin1', from, to)
    if (!isGood(text)) return undefined
    this.#bytes = Buffer.from(text, 'latin1')
    this.#text = text
    return text
  }
}

function startsWith(bytes: Buffer, at: number, what: Buffer): boolean {
  // Byte by byte: for so few, a call of Buffer.compare costs more.
  for (let index = 0; index < what.length; index++) if (bytes[at + index] !== what[index]) return false
  return true
}

/** Where the quote behind a text of plain ASCII stands; -1 if it is another text. */
function endOfText(bytes: Buffer, from: number, most: number): number {
  const end = Math.min(bytes.length, from + most)
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) return at
    if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return -1
  }
  return -1
}
