import type { RecordKind, SpoolRecord } from '../spool/spool.js'

/** Bytes that are taken at a time for lines. */
const CHUNK = 1 << 20
/** Bytes that a character takes in UTF-8 at most, by the units of a string's length. */
const MOST_BYTES_A_UNIT = 3

/** Turns lines of JSON into records: many share one piece of memory, so that a line costs no allocation of its own. */
export class RecordEncoder {
  #chunk = Buffer.alloc(0)
  #at = 0

  /**
   * @param line with its newline, which the record has not
   * @param timeMs since 1970
   */
  record(kind: RecordKind, tool: string, timeMs: number, line: string): SpoolRecord {
    const most = line.length * MOST_BYTES_A_UNIT
    if (this.#at + most > this.#chunk.byteLength) {
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK, most))
      this.#at = 0
    }
    const start = this.#at
    this.#at += this.#chunk.write(line, start)
    return { kind, tool, timeMs, value: this.#chunk.subarray(start, this.#at - 1) }
  }
}
