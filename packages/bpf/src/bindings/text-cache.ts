const SLOTS = 1024
// A mark of byte order in front is a character like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Text made from sixteen bytes, kept: names of threads and addresses come again and again, and making a string costs ten
 * times what finding it does. A table of a fixed size: a new text takes the place of whatever had its slot.
 */
export class TextCache {
  readonly #keys = new Int32Array(SLOTS * 5)
  /** `undefined` where a slot was never used: its key of zeros is not that of sixteen zeros. */
  readonly #texts: (string | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #make: (bytes: Uint8Array, variant: number) => string

  /** @param make the text of sixteen bytes; `variant` is any number that it also depends on */
  constructor(make: (bytes: Uint8Array, variant: number) => string) {
    this.#make = make
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
    const known = this.#texts[slot]
    if (
      known !== undefined &&
      keys[at] === a &&
      keys[at + 1] === b &&
      keys[at + 2] === c &&
      keys[at + 3] === d &&
      keys[at + 4] === variant
    ) {
      return known
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

/** Texts that each end with a NUL, the last also where the bytes end, as UTF-8; what is not UTF-8 becomes U+FFFD. */
export function textsOf(bytes: Uint8Array): string[] {
  // No character of UTF-8 but NUL has a byte that is zero: the whole is decoded at one go.
  const texts = decoder.decode(bytes).split('\0')
  if (texts.at(-1) === '') texts.pop()
  return texts
}

/** Bytes up to the first NUL, as UTF-8; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}
