import { WORD, WordView } from './word-view.js'

/** Bytes of a text at most that is kept. */
const WIDTH = 64

/**
 * The texts of some bytes. Those that come again and again are taken from here, found by their bytes: to compare them costs less
 * than to make a text anew. As many are kept as there are places; one that falls on the place of another takes it.
 */
export class RepeatedTexts<T> {
  readonly #mask: number
  readonly #view: WordView
  readonly #bytes: Uint8Array
  /** The same, in the order of bytes that a `WordView` has. */
  readonly #words: DataView
  readonly #lengths: Uint8Array
  readonly #numbers: Float64Array
  readonly #values: (T | undefined)[]
  readonly #make: (text: string, number: number) => T | undefined

  /**
   * @param places a power of two
   * @param make what is kept of a text, and of a number that it comes with; `undefined` if it is none that is to be kept
   * @param view of all who look at the same bytes
   */
  constructor(
    places: number,
    make: (text: string, number: number) => T | undefined,
    view: WordView = new WordView(),
  ) {
    this.#mask = places - 1
    this.#view = view
    this.#bytes = new Uint8Array(places * WIDTH)
    this.#words = new DataView(this.#bytes.buffer)
    this.#lengths = new Uint8Array(places)
    this.#numbers = new Float64Array(places)
    this.#values = new Array<T | undefined>(places).fill(undefined)
    this.#make = make
  }

  /**
   * @param hash a number for the bytes: the same for the same
   * @param number belongs to the text
   */
  get(bytes: Buffer, from: number, to: number, hash: number, number = 0): T | undefined {
    const length = to - from
    if (length > WIDTH) return this.#make(bytes.toString('latin1', from, to), number)
    const mixed = Math.imul(hash ^ (number * 0x9e3b), 0x85ebca6b)
    const place = (mixed ^ (mixed >>> 15)) & this.#mask
    const known = this.#values[place]
    if (
      known !== undefined &&
      this.#lengths[place] === length &&
      this.#numbers[place] === number &&
      this.#isSame(bytes, from, length, place * WIDTH)
    )
      return known
    const value = this.#make(bytes.toString('latin1', from, to), number)
    if (value === undefined) return undefined
    this.#bytes.set(bytes.subarray(from, to), place * WIDTH)
    this.#lengths[place] = length
    this.#numbers[place] = number
    this.#values[place] = value
    return value
  }

  #isSame(bytes: Buffer, from: number, length: number, at: number): boolean {
    const view = this.#view
    const kept = this.#words
    const even = length & -WORD
    view.look(bytes)
    for (let index = 0; index < even; index += WORD)
      if (view.at(from + index) !== kept.getInt32(at + index, true)) return false
    for (let index = even; index < length; index++)
      if (bytes[from + index] !== kept.getUint8(at + index)) return false
    return true
  }
}
