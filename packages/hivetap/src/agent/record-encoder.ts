import type { RecordKind, SpoolRecord } from '../spool/spool.js'

/** A record whose line is not encoded yet. */
type Head = Omit<SpoolRecord, 'value'>

/**
 * Gathers lines of JSON, and turns them into records: into one piece of memory, since to write a line costs as much as to
 * write a hundred that are one text.
 */
export class RecordEncoder {
  #heads: Head[] = []
  #lengths: number[] = []
  #text = ''

  /** Records that wait. */
  get count(): number {
    return this.#heads.length
  }

  /** About how many bytes they have: as many as characters, or some more. */
  get bytes(): number {
    return this.#text.length
  }

  /**
   * @param line with its newline, which the record has not
   * @param timeMs since 1970
   */
  add(kind: RecordKind, tool: string, timeMs: number, line: string): void {
    this.#heads.push({ kind, tool, timeMs })
    this.#lengths.push(line.length)
    this.#text += line
  }

  /** The records of what was added since it was last called. */
  take(): SpoolRecord[] {
    const [heads, lengths, text] = [this.#heads, this.#lengths, this.#text]
    this.#heads = []
    this.#lengths = []
    this.#text = ''
    const bytes = Buffer.from(text)
    // Mostly a character is a byte.
    const isPlain = bytes.byteLength === text.length
    let units = 0
    let at = 0
    return heads.map(({ kind, tool, timeMs }, index) => {
      const length = lengths[index] ?? 0
      const size = isPlain ? length : Buffer.byteLength(text.slice(units, units + length))
      const value = bytes.subarray(at, at + size - 1)
      units += length
      at += size
      return { kind, tool, timeMs, value }
    })
  }
}
