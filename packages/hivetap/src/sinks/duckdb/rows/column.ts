import type { ColumnType } from '../columns.js'
import type { TextArena } from './text-arena.js'
import { TextEntries } from './text-entries.js'

/** Rows of a block: as many as DuckDB has in a vector. */
export const BLOCK_ROWS = 2048
/** Bytes of a value in a vector. A list is the place of its first part and how many they are, a u64 each. */
const BYTES: Readonly<Record<ColumnType, number>> = {
  VARCHAR: 16,
  BIGINT: 8,
  DOUBLE: 8,
  BOOLEAN: 1,
  TIMESTAMP_NS: 8,
  'VARCHAR[]': 16,
}
const WORD = 2 ** 32
const NONE = new ArrayBuffer(0)

/** The values of a column for a block of rows, laid out as in a vector of DuckDB. A row without one is NULL. */
export class Column {
  readonly type: ColumnType
  /** A bit a row: whether it has a value. */
  readonly valid: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK_ROWS / 8)
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Texts of the rows, or the parts of their lists. */
  readonly texts: TextEntries
  /** Parts of lists, of all rows. */
  parts = 0
  readonly #words: Int32Array
  readonly #doubles: Float64Array

  constructor(type: ColumnType) {
    this.type = type
    this.texts = new TextEntries(type === 'VARCHAR' || type === 'VARCHAR[]' ? BLOCK_ROWS : 0)
    this.bytes = type === 'VARCHAR' ? this.texts.bytes : new Uint8Array(BYTES[type] * BLOCK_ROWS)
    this.#words = new Int32Array(type === 'BOOLEAN' ? NONE : this.bytes.buffer)
    this.#doubles = new Float64Array(type === 'DOUBLE' ? this.bytes.buffer : NONE)
  }

  /** Bytes of so many rows. */
  sizeOf(rows: number): number {
    return BYTES[this.type] * rows
  }

  /** @param value a safe integer */
  putInteger(row: number, value: number): void {
    this.putParts(row, value | 0, Math.floor(value / WORD))
  }

  /** A value of 64 bits. */
  putParts(row: number, low: number, high: number): void {
    this.#words[2 * row] = low
    this.#words[2 * row + 1] = high
    this.#mark(row)
  }

  putDouble(row: number, value: number): void {
    this.#doubles[row] = value
    this.#mark(row)
  }

  putBoolean(row: number, value: boolean): void {
    this.bytes[row] = value ? 1 : 0
    this.#mark(row)
  }

  /** A text that stands in the arena from `start` to its end. */
  putText(row: number, arena: TextArena, start: number): void {
    this.texts.put(row, arena, start)
    this.#mark(row)
  }

  /** One more part of the list that is told next: what stands in the arena from `start` to its end. */
  addPart(arena: TextArena, start: number): void {
    this.texts.reserve(this.parts + 1)
    this.texts.put(this.parts++, arena, start)
  }

  /** A list of the parts from `first` on. */
  putList(row: number, first: number): void {
    this.#words[4 * row] = first
    this.#words[4 * row + 2] = this.parts - first
    this.#mark(row)
  }

  /** The value of another row. */
  putSame(row: number, of: number): void {
    const words = this.#words
    switch (this.type) {
      case 'VARCHAR':
        this.texts.copy(row, of)
        break
      case 'BOOLEAN':
        this.bytes[row] = this.bytes[of] as number
        break
      case 'VARCHAR[]':
        words[4 * row] = words[4 * of] as number
        words[4 * row + 2] = words[4 * of + 2] as number
        break
      default:
        words[2 * row] = words[2 * of] as number
        words[2 * row + 1] = words[2 * of + 1] as number
    }
    this.#mark(row)
  }

  /** Takes the value of a row away. */
  unset(row: number): void {
    this.valid[row >> 3] = (this.valid[row >> 3] as number) & ~(1 << (row & 7))
    if (this.type === 'VARCHAR') this.texts.unset(row)
  }

  clear(): void {
    this.valid.fill(0)
    this.texts.clear()
    this.parts = 0
  }

  #mark(row: number): void {
    this.valid[row >> 3] = (this.valid[row >> 3] as number) | (1 << (row & 7))
  }
}
