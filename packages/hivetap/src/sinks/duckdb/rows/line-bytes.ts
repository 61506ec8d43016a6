/** Zeros behind a line: whoever reads on behind its end finds nothing that is JSON. */
const ZEROS = 32

/** The bytes of a line, in one place for all lines: what reads each byte of each line is as fast as it can be only so. */
export class LineBytes {
  bytes = new Uint8Array(4096)
  view = new DataView(this.bytes.buffer)
  length = 0
  /** The line that was loaded before, with zeros behind it. */
  before = new DataView(new ArrayBuffer(4096))
  #bytesBefore = new Uint8Array(this.before.buffer)

  load(line: Uint8Array): void {
    const { length } = line
    const [bytes, view] = [this.#bytesBefore, this.before]
    this.#bytesBefore = this.bytes
    this.before = this.view
    this.bytes = bytes
    this.view = view
    if (length + ZEROS > bytes.length) {
      this.bytes = new Uint8Array(2 * (length + ZEROS))
      this.view = new DataView(this.bytes.buffer)
    }
    this.bytes.set(line)
    for (let at = length; at < length + ZEROS; at += 4) this.view.setInt32(at, 0)
    this.length = length
  }

  /**
   * Whether what stands at a place stands in the line before at another.
   *
   * @param length at least four bytes
   */
  isAsBefore(at: number, placeBefore: number, length: number): boolean {
    const { before, view } = this
    const last = length - 4
    for (let index = 0; index < last; index += 4)
      if (view.getInt32(at + index, true) !== before.getInt32(placeBefore + index, true)) return false
    return view.getInt32(at + last, true) === before.getInt32(placeBefore + last, true)
  }
}

/** Bytes that are looked for, four at a time; at least four. */
export class Pattern {
  readonly length: number
  /** Those that end at the last byte stand last: where the length is no multiple of four, two of them share some. */
  readonly #words: readonly number[]

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const words: number[] = []
    for (let at = 0; at + 4 < bytes.length; at += 4) words.push(view.getInt32(at, true))
    this.#words = [...words, view.getInt32(bytes.length - 4, true)]
    this.length = bytes.length
  }

  /** Whether it stands there. */
  isAt(view: DataView, at: number): boolean {
    const words = this.#words
    const last = words.length - 1
    for (let index = 0; index < last; index++)
      if (view.getInt32(at + 4 * index, true) !== words[index]) return false
    return view.getInt32(at + this.length - 4, true) === words[last]
  }
}
