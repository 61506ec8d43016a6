import type { TextArena } from './text-arena.js'

/** 32-bit words of an entry. */
const ENTRY_WORDS = 4
/** Bytes of a text that stand in the entry itself. */
const INLINE = 12
const WORD = 2 ** 32

/**
 * Texts as DuckDB has them in a vector (`duckdb_string_t` of its C API), 16 bytes each:
 *
 *     u32 length
 *     length ≤ 12:  the text, zeros behind it
 *     else:         its first 4 bytes, u64 address
 *
 * Until they are handed over, an address counts from the beginning of the arena.
 */
export class TextEntries {
  bytes: Uint8Array<ArrayBuffer>
  words: Int32Array
  /** Whether one may have an address. */
  #hasLong = false

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity * ENTRY_WORDS * 4)
    this.words = new Int32Array(this.bytes.buffer)
  }

  /** Makes room for entries up to, and without, this one. */
  reserve(count: number): void {
    if (count * ENTRY_WORDS <= this.words.length) return
    const bytes = new Uint8Array(Math.max(count * ENTRY_WORDS * 4, 2 * this.bytes.length))
    bytes.set(this.bytes)
    this.bytes = bytes
    this.words = new Int32Array(bytes.buffer)
  }

  /** Makes an entry of what stands in the arena from `start` to its end; what fits into the entry leaves the arena. */
  put(index: number, arena: TextArena, start: number): void {
    const { words } = this
    const from = arena.bytes
    const length = arena.used - start
    const word = index * ENTRY_WORDS
    words[word] = length
    words[word + 1] = 0
    words[word + 2] = 0
    words[word + 3] = 0
    const to = this.bytes
    const at = word * 4 + 4
    if (length <= INLINE) {
      for (let i = 0; i < length; i++) to[at + i] = from[start + i] as number
      arena.used = start
      return
    }
    for (let i = 0; i < 4; i++) to[at + i] = from[start + i] as number
    words[word + 2] = start
    this.#hasLong = true
  }

  /** The same text as another entry of the same arena. */
  copy(index: number, of: number): void {
    const { words } = this
    for (let i = 0; i < ENTRY_WORDS; i++)
      words[index * ENTRY_WORDS + i] = words[of * ENTRY_WORDS + i] as number
  }

  /** Makes it the empty text: it holds no address. */
  unset(index: number): void {
    this.words.fill(0, index * ENTRY_WORDS, (index + 1) * ENTRY_WORDS)
  }

  /**
   * Turns addresses into real ones.
   *
   * @param low of the address at which the arena's bytes stand now, the lower 32 bits
   * @param high the upper ones
   */
  relocate(count: number, low: number, high: number): void {
    if (!this.#hasLong) return
    const { words } = this
    for (let word = 0; word < count * ENTRY_WORDS; word += ENTRY_WORDS) {
      if ((words[word] as number) >>> 0 <= INLINE) continue
      const sum = low + (words[word + 2] as number)
      words[word + 2] = sum | 0
      words[word + 3] = (high + (sum >= WORD ? 1 : 0)) | 0
    }
  }

  /** No entry of what comes next may hold an address of what was. */
  clear(): void {
    this.words.fill(0)
    this.#hasLong = false
  }
}
