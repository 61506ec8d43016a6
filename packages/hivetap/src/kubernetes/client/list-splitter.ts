import { BoundedParts } from './bounded-parts.js'

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_MAP = 0x7b
const CLOSE_MAP = 0x7d
const SPACE = 0x20

/** What stands around the items: kind, resource version, the token of the next page. */
const MOST_REST_BYTES = 1 << 18
/** `"items":`, as the key that comes before the list; a quote within another key would have a `\` before it. */
const ITEMS_KEY = /[{,\s]"items"\s*:\s*$/

/** As much as is looked at for that key. */
const TAIL = 64

/** What a {@link ListSplitter} finds. */
export interface ListParts {
  /** An element's JSON, before anybody has read it: braces match, more is not known. */
  item(json: Buffer): void
  /** An element that is larger than the bound. */
  tooLarge(): void
  /** An element that is no object. */
  malformed(): void
}

/**
 * Takes the JSON of a list apart as it comes: each of its `items` by itself, so that one of them is in memory and not all, and
 * what stands around them. It looks at no more than strings and brackets; JSON.parse judges the parts.
 */
export class ListSplitter {
  readonly #parts: ListParts
  readonly #item: BoundedParts
  #rest: Buffer[] = []
  #restBytes = 0
  /** The last of them. */
  #tail = ''
  #depth = 0
  #inString = false
  #isEscaped = false
  /** In the list of items, between its brackets. */
  #inItems = false
  #isStray = false

  /** @param mostBytes of an element */
  constructor(parts: ListParts, mostBytes: number) {
    this.#parts = parts
    this.#item = new BoundedParts(mostBytes)
  }

  push(chunk: Buffer): void {
    // Where what belongs together began in this chunk: an item's bytes, or those around the items.
    let start = 0
    if (chunk.length === 0) return
    for (let at = this.#inString ? this.#skipString(chunk, 0) + 1 : 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      const isBetweenItems = this.#inItems && this.#depth === 2
      if (byte === QUOTE) {
        if (isBetweenItems) this.#isStray = true
        at = this.#skipString(chunk, at + 1)
      } else if (byte === OPEN_MAP || byte === OPEN_LIST) {
        this.#depth++
        if (isBetweenItems) {
          start = at
          if (byte === OPEN_LIST) this.#isStray = true
        } else if (byte === OPEN_LIST && this.#depth === 2 && this.#isItemsAt(chunk, start, at)) {
          this.#keep(chunk.subarray(start, at + 1))
          this.#inItems = true
        }
      } else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
        this.#depth--
        if (!this.#inItems) continue
        if (this.#depth === 2) {
          this.#item.add(chunk.subarray(start, at + 1))
          this.#endItem()
        } else if (this.#depth < 2) {
          this.#endStray()
          this.#inItems = false
          start = at
        }
      } else if (isBetweenItems) {
        if (byte === COMMA) this.#endStray()
        else if (byte > SPACE) this.#isStray = true
      }
    }
    if (!this.#inItems) this.#keep(chunk.subarray(start))
    else if (this.#depth > 2) this.#item.add(chunk.subarray(start))
  }

  /**
   * What stood around the items, as JSON, with none in it.
   *
   * @throws {SyntaxError} if the list has not ended, or is larger around its items than it can be
   */
  end(): Buffer {
    if (this.#depth !== 0 || this.#inString) throw new SyntaxError('it ends in the middle')
    if (this.#restBytes > MOST_REST_BYTES) throw new SyntaxError('there is too much around its items')
    return Buffer.concat(this.#rest)
  }

  #endItem(): void {
    const isStray = this.#isStray
    this.#isStray = false
    const json = this.#item.take()
    if (isStray) this.#parts.malformed()
    else if (json === undefined) this.#parts.tooLarge()
    else this.#parts.item(json)
  }

  #endStray(): void {
    if (this.#isStray) this.#parts.malformed()
    this.#isStray = false
  }

  /** @returns where the string ends that `at` is in; the chunk's end, if it goes on in the next */
  #skipString(chunk: Buffer, at: number): number {
    let next = at
    if (this.#isEscaped && next < chunk.length) next++
    for (; next < chunk.length; next++) {
      const byte = chunk[next]
      if (byte === BACKSLASH) next++
      else if (byte === QUOTE) break
    }
    // A `\\` that was the chunk's last byte holds for the next one's first.
    this.#isEscaped = next > chunk.length
    this.#inString = next >= chunk.length
    return next
  }

  /** Whether the key before this bracket is the items'; it may have come with the chunks before. */
  #isItemsAt(chunk: Buffer, start: number, at: number): boolean {
    const before = chunk.toString('latin1', Math.max(start, at - TAIL), at)
    return ITEMS_KEY.test((this.#tail + before).slice(-TAIL))
  }

  #keep(part: Buffer): void {
    if (part.byteLength === 0) return
    this.#restBytes += part.byteLength
    const last = part.toString('latin1', Math.max(0, part.byteLength - TAIL))
    this.#tail = (this.#tail + last).slice(-TAIL)
    if (this.#restBytes > MOST_REST_BYTES) this.#rest = []
    // A copy: the chunk is large, and would be kept for these few bytes.
    else this.#rest.push(Buffer.from(part))
  }
}
