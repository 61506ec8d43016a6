import type { Slot } from './slots.js'

const QUOTE = 0x22
const COLON = 0x3a
/** Keys that are known at once, at most, and the length of each. */
const MOST_KEYS = 256
const MOST_KEY = 64

/** A key as it stands in a line, and which came behind it so far. */
export interface Key {
  /** `"name":` */
  readonly bytes: Uint8Array
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
  readonly start: Key = { bytes: new Uint8Array(0), slot: 0, next: undefined, other: undefined }

  constructor(slotOf: (name: string) => Slot) {
    this.#slotOf = slotOf
  }

  /** The key that stands there; `undefined` if none does, or one that is not of plain characters. */
  behind(before: Key, bytes: Buffer, at: number): Key | undefined {
    const { next, other } = before
    if (next !== undefined && stands(next.bytes, bytes, at)) return next
    if (other !== undefined && stands(other.bytes, bytes, at)) return other
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
    const key = {
      bytes: Uint8Array.from(bytes.subarray(at, end + 2)),
      slot: this.#slotOf(name),
      next: undefined,
      other: undefined,
    }
    this.#keys.set(name, key)
    return key
  }

  /** Of lines that hold ever new keys, none is worth keeping. */
  #forget(): void {
    this.#keys.clear()
    this.start.next = undefined
    this.start.other = undefined
  }
}

/** Four bytes a turn: what goes round costs more than what is compared; a call of Buffer.compare costs still more. */
function stands(key: Uint8Array, bytes: Buffer, at: number): boolean {
  let index = 0
  for (const fours = key.length - 3; index < fours; index += 4)
    if (
      bytes[at + index] !== key[index] ||
      bytes[at + index + 1] !== key[index + 1] ||
      bytes[at + index + 2] !== key[index + 2] ||
      bytes[at + index + 3] !== key[index + 3]
    )
      return false
  for (; index < key.length; index++) if (bytes[at + index] !== key[index]) return false
  return true
}
