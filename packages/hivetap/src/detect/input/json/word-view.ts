/** Bytes of a word. */
export const WORD = 4

/**
 * Reads four bytes at once, wherever they stand: to compare them costs as much as to compare one. It is for one buffer after
 * the other, and holds the last.
 */
export class WordView {
  #bytes: Buffer | undefined
  #view: DataView = new DataView(new ArrayBuffer(0))
  #base = 0

  /** Turns to a buffer. Costs next to nothing where it is the one before, and little where both lie in the same memory. */
  look(bytes: Buffer): void {
    if (bytes === this.#bytes) return
    const { buffer, byteOffset } = bytes
    if (buffer !== this.#view.buffer) this.#view = new DataView(buffer)
    this.#base = byteOffset
    this.#bytes = bytes
  }

  /** The word that begins there: the caller sees to it that all of it is in the buffer. */
  at(place: number): number {
    return this.#view.getInt32(this.#base + place, true)
  }
}

/** Some bytes as words; the last reaches back into the one before it where they do not come out even. */
export function wordsOf(bytes: Buffer): Int32Array {
  const last = bytes.length - WORD
  return Int32Array.from({ length: Math.ceil(bytes.length / WORD) }, (_, index) =>
    bytes.readInt32LE(Math.min(index * WORD, last)),
  )
}
