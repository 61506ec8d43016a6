import type { DuckDBValue } from '@duckdb/node-api'
import type { Cells } from './cell.js'
import { type ColumnType, isName, MOST_COLUMNS, typeOf } from './columns.js'

/** Keys of the envelope that are no columns of a tool's table. */
const ENVELOPE = ['version', 'event_id', 'tool']

/** Rows for a table, a list of values a column. Columns that a record has and the table has not are added. */
export class Rows {
  readonly columns: Map<string, ColumnType>
  /** Columns that the table has not yet. */
  readonly added = new Map<string, ColumnType>()
  readonly #values = new Map<string, (DuckDBValue | undefined)[]>()
  readonly #cells: Cells
  #count = 0
  /** Values that no column could take. */
  left = 0

  constructor(columns: ReadonlyMap<string, ColumnType>, cells: Cells) {
    this.columns = new Map(columns)
    this.#cells = cells
  }

  get count(): number {
    return this.#count
  }

  /** @param sequence absent where it has none: a record of losses */
  add(record: Readonly<Record<string, unknown>>, epoch: string, sequence: number | undefined): void {
    this.#list('epoch')[this.#count] = epoch
    if (sequence !== undefined) this.#list('sequence')[this.#count] = BigInt(sequence)
    for (const key in record) {
      if (key === 'epoch' || key === 'sequence') continue
      const type = this.columns.get(key) ?? this.#columnFor(key, record[key])
      if (type === undefined) continue
      const cell = this.#cells.of(record[key], type)
      if (cell === undefined) this.left++
      else this.#list(key)[this.#count] = cell
    }
    this.#count++
  }

  /** The values of a column, from one row to another. */
  slice(column: string, from: number, to: number): DuckDBValue[] {
    const values = this.#values.get(column)
    const part: DuckDBValue[] = []
    for (let row = from; row < to; row++) part.push(values?.[row] ?? null)
    return part
  }

  #list(column: string): (DuckDBValue | undefined)[] {
    const list = this.#values.get(column)
    if (list !== undefined) return list
    const made: (DuckDBValue | undefined)[] = []
    this.#values.set(column, made)
    return made
  }

  #columnFor(key: string, value: unknown): ColumnType | undefined {
    if (value === null || ENVELOPE.includes(key)) return undefined
    if (!isName(key) || this.columns.size >= MOST_COLUMNS) {
      this.left++
      return undefined
    }
    const type = typeOf(value)
    this.columns.set(key, type)
    this.added.set(key, type)
    return type
  }
}
