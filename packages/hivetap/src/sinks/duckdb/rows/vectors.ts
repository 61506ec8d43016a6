import type { DuckDBAppender, DuckDBDataChunk, DuckDBType } from '@duckdb/node-api'
import type { Vector } from '@duckdb/node-bindings'
import type { Columns, ColumnType } from '../columns.js'
import type { Duckdb } from '../load-duckdb.js'
import type { Column } from './column.js'
import type { RowBlock } from './row-block.js'

/** Bytes of a text's entry, and where its address is. */
const ENTRY_BYTES = 16
const ADDRESS = 8
/** A text of more than 12 bytes stands elsewhere. */
const LEAST_LONG = 13

/** A chunk of DuckDB's, into which blocks of rows are copied whole columns at a time. */
export class Vectors {
  readonly #duckdb: Duckdb
  readonly #chunk: DuckDBDataChunk
  /** Its one text is what the texts of a block stand in while they are appended. */
  readonly #text: DuckDBDataChunk
  /** Which of its columns had no value in the block before: they hold what no value leaves behind. */
  readonly #isBlank: boolean[] = []

  constructor(duckdb: Duckdb, columns: Columns) {
    const { api } = duckdb
    this.#duckdb = duckdb
    this.#chunk = api.DuckDBDataChunk.create([...columns.values()].map((type) => typeIn(api, type)))
    this.#text = api.DuckDBDataChunk.create([api.VARCHAR], 1)
  }

  /** Appends the rows of a block, which is then free for others: the appender copies them. */
  append(appender: DuckDBAppender, block: RowBlock): void {
    if (block.count === 0) return
    const [low, high] = this.#addressOf(block)
    this.#chunk.reset()
    this.#chunk.rowCount = block.count
    let index = 0
    for (const column of block.columns.values()) this.#copy(index++, column, block.count, low, high)
    appender.appendDataChunk(this.#chunk)
  }

  #copy(index: number, column: Column, rows: number, low: number, high: number): void {
    const { bindings } = this.#duckdb
    const vector = bindings.data_chunk_get_vector(this.#chunk.chunk, index)
    const { valid } = column
    const isBlank = valid.every((bits) => bits === 0)
    if (!isBlank || this.#isBlank[index] !== true) this.#copyValues(vector, column, rows, low, high)
    this.#isBlank[index] = isBlank
    if (isFull(valid, rows)) return
    bindings.vector_ensure_validity_writable(vector)
    bindings.copy_data_to_vector_validity(vector, 0, valid.buffer, 0, valid.length)
  }

  #copyValues(vector: Vector, column: Column, rows: number, low: number, high: number): void {
    const { bindings } = this.#duckdb
    const { bytes, texts, parts, type } = column
    texts.relocate(type === 'VARCHAR' ? rows : parts, low, high)
    if (type === 'VARCHAR[]') {
      bindings.list_vector_reserve(vector, parts)
      bindings.list_vector_set_size(vector, parts)
      const child = bindings.list_vector_get_child(vector)
      bindings.copy_data_to_vector(child, 0, texts.bytes.buffer, 0, parts * ENTRY_BYTES)
    }
    bindings.copy_data_to_vector(vector, 0, bytes.buffer, 0, column.sizeOf(rows))
  }

  /** Puts the texts of a block where DuckDB can reach them, and says where that is. */
  #addressOf({ arena }: RowBlock): readonly [low: number, high: number] {
    if (arena.used < LEAST_LONG) return [0, 0]
    const { bindings } = this.#duckdb
    this.#text.reset()
    this.#text.rowCount = 1
    const vector = bindings.data_chunk_get_vector(this.#text.chunk, 0)
    bindings.vector_assign_string_element_len(vector, 0, arena.bytes.subarray(0, arena.used))
    const data = bindings.vector_get_data(vector, ENTRY_BYTES)
    const entry = new DataView(data.buffer, data.byteOffset, ENTRY_BYTES)
    // An address that is not what it is taken for would end the process.
    if (entry.getUint32(0, true) !== arena.used) throw new Error('DuckDB did not take the texts of a batch')
    return [entry.getUint32(ADDRESS, true), entry.getUint32(ADDRESS + 4, true)]
  }
}

/** Whether each of so many rows has a value. */
function isFull(valid: Uint8Array, rows: number): boolean {
  const whole = rows >> 3
  for (let index = 0; index < whole; index++) if (valid[index] !== 0xff) return false
  const rest = (1 << (rows & 7)) - 1
  return ((valid[whole] ?? 0) & rest) === rest
}

function typeIn(api: Duckdb['api'], type: ColumnType): DuckDBType {
  return type === 'VARCHAR[]' ? api.LIST(api.VARCHAR) : api[type]
}
