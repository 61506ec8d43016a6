import { Giver } from './giver.js'
import { type EventPlace, JsonReader } from './json/json-reader.js'
import { LineSplitter, type LineTaker } from './line-splitter.js'
import type { DetectReader, ReaderOptions } from './reader-options.js'
import { TableReader } from './tables/table-reader.js'
import { Tally } from './tally.js'

const OPENING_BRACE = 0x7b
const SPACE = 0x20
const NUL = 0
/** Bytes of a record at most: a broker takes a megabyte unless it is told otherwise. No event is longer. */
const MOST_RECORD = 1024 * 1024
/** A time that is later than now by more is of a clock that is fast, or of none: microseconds. */
const AHEAD_US = 1_000_000

/**
 * Reads what the tools print: each line that begins with `{` as an event in JSON, all others as lines of tables. Nothing that is
 * read makes it fail: what cannot be read is counted, by reason, and the first such is quoted.
 *
 * @throws {Error} if the header that is given is none
 */
export function detectReader(options: ReaderOptions): DetectReader {
  return new Reader(options)
}

class Reader implements DetectReader, LineTaker {
  readonly #tally = new Tally()
  readonly #json: JsonReader
  readonly #tables: TableReader
  readonly #splitter = new LineSplitter(this)
  readonly #nowUs: () => number
  readonly #linePlace: EventPlace
  /** Of the record that is read: one for all. */
  readonly #recordPlace: EventPlace
  /** The time of arrival of the bytes that are read: the clock is asked once for them, and only if it is needed. */
  #arrivalUs: number | undefined
  #line = 0
  #record = 0

  constructor(options: ReaderOptions) {
    this.#nowUs = options.nowUs
    const arrivalUs = () => {
      this.#arrivalUs ??= this.#nowUs()
      return this.#arrivalUs
    }
    const giver = new Giver(options, this.#tally)
    this.#json = new JsonReader(this.#tally, giver)
    this.#tables = new TableReader({ ...options, nowUs: arrivalUs, aheadUs: AHEAD_US }, this.#tally, giver)
    const clampUs = Number.POSITIVE_INFINITY
    this.#linePlace = { where: this.#where, stream: options.stream ?? 0, arrivalUs, clampUs }
    this.#recordPlace = { where: this.#whereRecord, stream: 0, arrivalUs, clampUs }
  }

  get counts() {
    return this.#tally.counts
  }

  take(bytes: Uint8Array): void {
    this.#arrivalUs = this.#nowUs()
    this.#linePlace.clampUs = this.#arrivalUs + AHEAD_US
    this.#splitter.take(bytes)
  }

  end(): void {
    this.#arrivalUs = undefined
    this.#splitter.end()
    this.#tables.end()
  }

  line(bytes: Buffer, from: number, to: number): void {
    this.#line++
    let at = from
    while (at < to && (bytes[at] === SPACE || bytes[at] === NUL)) at++
    if (bytes[at] === OPENING_BRACE && at < to)
      this.#json.read(bytes, at, endOfLine(bytes, at, to), this.#linePlace)
    else this.#tables.line(bytes, from, to, this.#where)
  }

  tooLong(bytes: Buffer, from: number, to: number): void {
    this.#line++
    this.#tally.unreadable('too_long', this.#where, () =>
      bytes.toString('utf8', from, Math.min(to, from + 1024)),
    )
  }

  readRecord(value: Uint8Array, stream: number, clampUs?: number): void {
    const bytes = Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    this.readRecordIn(bytes, 0, bytes.length, stream, clampUs)
  }

  readRecordIn(
    bytes: Buffer,
    from: number,
    to: number,
    stream: number,
    clampUs = Number.POSITIVE_INFINITY,
    where: () => string = this.#whereRecord,
  ): void {
    this.#record++
    this.#arrivalUs = undefined
    if (to - from > MOST_RECORD) {
      this.#tally.unreadable('too_long', where, () => bytes.toString('utf8', from, from + 1024))
      return
    }
    const place = this.#recordPlace
    place.where = where
    place.stream = stream
    place.clampUs = clampUs
    // hivetap's records have no line end; others may.
    this.#json.read(bytes, from, endOfLine(bytes, from, to), place)
  }

  refuseRecord(reason: string, where: () => string, text: () => string, count = 1): void {
    this.#record += count
    this.#tally.unreadable(reason, where, text, count)
  }

  readonly #where = () => `line ${this.#line}`
  readonly #whereRecord = () => `record ${this.#record}`
}

/** Without spaces and a carriage return at its end. */
function endOfLine(bytes: Buffer, from: number, to: number): number {
  let end = to
  while (end > from && (bytes[end - 1] as number) <= SPACE) end--
  return end
}
