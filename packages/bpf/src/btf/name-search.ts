/** A name that is looked for: its bytes in UTF-8, with the NUL behind them. */
interface Wanted {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Places where names stand, NUL-terminated. */
export interface NamePlaces {
  /** Offsets in a table of strings. */
  readonly offsets: Uint32Array
  /** How many of them count. */
  readonly count: number
  /** Those outside of `[least, end)` are passed over. */
  readonly least: number
  readonly end: number
}

/** Places that are looked at in one call: a function that is called again and again is compiled before it is done. */
const CHUNK = 1024

/**
 * Looks for some names among very many: by their first two bytes, so that few others are looked at twice. One pass for
 * all that is wanted costs less than a search of the string table for each.
 */
export class NameSearch {
  /** By the first two bytes of a name (the second is 0 in a name of one), which of the lists it is on; 0 is none. */
  readonly #listOf = new Uint16Array(1 << 16)
  readonly #lists: Wanted[][] = [[]]

  /** @param names those that are looked for; the empty one is never found */
  constructor(names: Iterable<string>) {
    for (const name of names) {
      if (name === '') continue
      const bytes = new TextEncoder().encode(`${name}\0`)
      const first = (bytes[0] as number) | ((bytes[1] as number) << 8)
      const list = this.#lists[this.#listOf[first] as number] as Wanted[]
      if (list !== this.#lists[0]) list.push({ name, bytes })
      else this.#listOf[first] = this.#lists.push([{ name, bytes }]) - 1
    }
  }

  /**
   * Goes through places of names.
   *
   * @param bytes hold the table of strings; behind it, or at its end, there is a NUL
   * @param at where the table's offset 0 lies in `bytes`; it may lie before them
   * @param found is told the index of a place and the name that stands there, in ascending order
   */
  scan(
    bytes: Uint8Array,
    at: number,
    places: NamePlaces,
    found: (index: number, name: string) => void,
  ): void {
    for (let from = 0; from < places.count; from += CHUNK)
      this.#scanChunk(bytes, at, places, from, Math.min(from + CHUNK, places.count), found)
  }

  #scanChunk(
    bytes: Uint8Array,
    at: number,
    { offsets, least, end }: NamePlaces,
    from: number,
    to: number,
    found: (index: number, name: string) => void,
  ): void {
    const listOf = this.#listOf
    for (let index = from; index < to; index++) {
      const offset = offsets[index] as number
      if (offset < least || offset >= end) continue
      const place = at + offset
      const list = listOf[(bytes[place] as number) | ((bytes[place + 1] as number) << 8)] as number
      if (list === 0) continue
      const name = nameAt(bytes, place, this.#lists[list] as Wanted[])
      if (name !== undefined) found(index, name)
    }
  }
}

/** Which of some names stands at a place. */
function nameAt(bytes: Uint8Array, place: number, list: readonly Wanted[]): string | undefined {
  for (let each = 0; each < list.length; each++) {
    const wanted = list[each] as Wanted
    // From its end: names that begin alike, of which there are thousands, seldom are of one length.
    let left = wanted.bytes.length
    while (left > 0 && bytes[place + left - 1] === wanted.bytes[left - 1]) left--
    if (left === 0) return wanted.name
  }
  return undefined
}
