import type { Slot } from './slots.js'
import { WORD, WordView, wordsOf } from './word-view.js'

const QUOTE = 0x22
const COLON = 0x3a
/** Keys that are known at once, at most, and the length of each. */
const MOST_KEYS = 256
const MOST_KEY = 64

/** A key as it stands in a line, and which came behind it so far. */
export interface Key {
  /** Bytes of `"name":`, four or more. */
  readonly length: number
  /** What they are, as `wordsOf` has them. */
  readonly words: Int32Array
  readonly slot: Slot
  next: Key | undefined
  /** The one that came before `next`: fields that do not stand in every line are left out by turns. */
  other: Key | undefined
}

/**
 * Tells keys by what came behind the key before it in other lines: to compare a key with the one that is expected costs less than
 * to find out which it is.
 */
export class ExpectedKeys {
  readonly #keys = new Map<string, Key>()
  readonly #slotOf: (name: string) => Slot
  /** Stands for the beginning of a line. */
  readonly start: Key = { length: 0, words: new Int32Array(0), slot: 0, next: undefined, other: undefined }
  readonly #view: WordView

  /** @param view of all who look at the same bytes */
  constructor(slotOf: (name: string) => Slot, view = new WordView()) {
    this.#slotOf = slotOf
    this.#view = view
  }

  /** The key that stands there; `undefined` if none does, or one that is not of plain characters. */
  behind(before: Key, bytes: Buffer, at: number): Key | undefined {
    const { next, other } = before
    this.#view.look(bytes)
    const room = bytes.length - at
    if (next !== undefined && next.length <= room && this.#stands(next, at)) return next
    if (other !== undefined && other.length <= room && this.#stands(other, at)) return other
    const key = this.#read(bytes, at)
    before.other = next
    before.next = key ?? next
    return key
  }

  #read(bytes: Buffer, at: number): Key | undefined {
    if (bytes[at] !== QUOTE) return undefined
    let end = at + 1
    for (let byte = bytes[end]; byte !== QUOTE; byte = bytes[++end])
      if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === 0x5c || end - at > MOST_KEY)
        return undefined
    if (bytes[end + 1] !== COLON || end === at + 1) return undefined
    const name = bytes.toString('latin1', at + 1, end)
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    if (this.#keys.size >= MOST_KEYS) this.#forget()
    const written = bytes.subarray(at, end + 2)
    const key = {
      length: written.length,
      words: wordsOf(written),
      slot: this.#slotOf(name),
      next: undefined,
      other: undefined,
    }
    this.#keys.set(name, key)
    return key
  }

  #stands({ words, length }: Key, at: number): boolean {
    const view = this.#view
    const last = words.length - 1
    for (let index = 0; index < last; index++) if (view.at(at + index * WORD) !== words[index]) return false
    return view.at(at + length - WORD) === words[last]
  }

  /** Of lines that hold ever new keys, none is worth keeping. */
  #forget(): void {
    this.#keys.clear()
    this.start.next = undefined
    this.start.other = undefined
  }
}
