/** Bytes of a text at most that is kept. */
const WIDTH = 64

/**
 * The texts of some bytes. Those that come again and again are taken from here, found by their bytes: to compare them costs less
 * than to make a text anew. As many are kept as there are places; one that falls on the place of another takes it.
 */
export class RepeatedTexts<T> {
  readonly #mask: number
  readonly #bytes: Uint8Array
  readonly #lengths: Uint8Array
  readonly #numbers: Float64Array
  readonly #values: (T | undefined)[]
  readonly #make: (text: string, number: number) => T | undefined

  /**
   * @param places a power of two
   * @param make what is kept of a text, and of a number that it comes with; `undefined` if it is none that is to be kept
   */
  constructor(places: number, make: (text: string, number: number) => T | undefined) {
    this.#mask = places - 1
    this.#bytes = new Uint8Array(places * WIDTH)
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
    const kept = this.#bytes
    for (let index = 0; index < length; index++) if (bytes[from + index] !== kept[at + index]) return false
    return true
  }
}
