import type { RecordKind, SpoolRecord } from '../spool/spool.js'

/** Text that is encoded at once. To encode a line costs much by itself; many that are one text are slow to put together. */
const TEXT_LENGTH = 8192
/** Memory that records stand in, one behind the other; what is left of it takes those that come next. */
const BLOCK_BYTES = 512 << 10
/** A UTF-16 unit is so many bytes of UTF-8 at most. */
const UNIT_BYTES = 3

/** Gathers lines of JSON, and turns them into records. */
export class RecordEncoder {
  #records: SpoolRecord[] = []
  /** Bytes of them. */
  #bytes = 0
  /** Of lines that are not encoded yet, by their place: filled again and again, so that a line takes no memory of its own. */
  readonly #kinds: RecordKind[] = []
  readonly #tools: string[] = []
  readonly #times: number[] = []
  /** With its newline. */
  readonly #lengths: number[] = []
  #lines = 0
  /** All of these lines as one. */
  #text = ''
  #block = Buffer.alloc(0)
  #used = 0

  /** Records that wait. */
  get count(): number {
    return this.#records.length + this.#lines
  }

  /** About how many bytes they have, or some less. */
  get bytes(): number {
    return this.#bytes + this.#text.length
  }

  /**
   * @param line with its newline, which the record has not
   * @param timeMs since 1970
   */
  add(kind: RecordKind, tool: string, timeMs: number, line: string): void {
    const at = this.#lines++
    this.#kinds[at] = kind
    this.#tools[at] = tool
    this.#times[at] = timeMs
    this.#lengths[at] = line.length
    this.#text += line
    if (this.#text.length >= TEXT_LENGTH) this.#encode()
  }

  /** The records of what was added since it was last called. */
  take(): SpoolRecord[] {
    this.#encode()
    const records = this.#records
    this.#records = []
    this.#bytes = 0
    return records
  }

  #encode(): void {
    const [lines, text] = [this.#lines, this.#text]
    this.#lines = 0
    this.#text = ''
    this.#makeRoom(text.length * UNIT_BYTES)
    const begin = this.#used
    this.#used += this.#block.write(text, begin)
    // Mostly a character is a byte.
    const isPlain = this.#used - begin === text.length
    let units = 0
    let at = begin
    for (let line = 0; line < lines; line++) {
      const length = this.#lengths[line] ?? 0
      const size = isPlain ? length : Buffer.byteLength(text.slice(units, units + length))
      this.#records.push({
        kind: this.#kinds[line] ?? 'event',
        tool: this.#tools[line] ?? '',
        timeMs: this.#times[line] ?? 0,
        value: this.#block.subarray(at, at + size - 1),
      })
      units += length
      at += size
    }
    this.#bytes += this.#used - begin
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#block.length) return
    this.#block = Buffer.allocUnsafeSlow(Math.max(bytes, BLOCK_BYTES))
    this.#used = 0
  }
}
