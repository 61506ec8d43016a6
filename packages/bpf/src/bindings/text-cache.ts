const SLOTS = 1024
const decoder = new TextDecoder()

/**
 * Text made from sixteen bytes, kept: names of threads and addresses come again and again, and making a string costs ten
 * times what finding it does. A table of a fixed size: a new text takes the place of whatever had its slot.
 */
export class TextCache {
  readonly #keys = new Int32Array(SLOTS * 5)
  readonly #texts: string[] = new Array(SLOTS).fill('')
  readonly #make: (bytes: Uint8Array, variant: number) => string

  /** @param make the text of sixteen bytes; `variant` is any number that it also depends on */
  constructor(make: (bytes: Uint8Array, variant: number) => string) {
    this.#make = make
    // No slot may seem to hold the text of zeros.
    this.#keys.fill(-1)
  }

  /** The text of the sixteen bytes at `offset`. */
  get(view: DataView, offset: number, variant: number): string {
    const a = view.getInt32(offset, true)
    const b = view.getInt32(offset + 4, true)
    const c = view.getInt32(offset + 8, true)
    const d = view.getInt32(offset + 12, true)
    const mixed = Math.imul(a ^ Math.imul(b, 31) ^ Math.imul(c, 961) ^ Math.imul(d, 29791), 0x9e3779b1)
    const slot = (mixed ^ (mixed >>> 15)) & (SLOTS - 1)
    const keys = this.#keys
    const at = slot * 5
    if (
      keys[at] === a &&
      keys[at + 1] === b &&
      keys[at + 2] === c &&
      keys[at + 3] === d &&
      keys[at + 4] === variant
    ) {
      return this.#texts[slot] as string
    }
    const text = this.#make(new Uint8Array(view.buffer, view.byteOffset + offset, 16), variant)
    keys[at] = a
    keys[at + 1] = b
    keys[at + 2] = c
    keys[at + 3] = d
    keys[at + 4] = variant
    this.#texts[slot] = text
    return text
  }
}

/** Bytes up to the first NUL, as UTF-8; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}
