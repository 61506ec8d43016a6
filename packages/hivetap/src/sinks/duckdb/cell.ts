import type { DuckDBValue } from '@duckdb/node-api'
import type { ColumnType } from './columns.js'
import type { Duckdb } from './load-duckdb.js'

/** Turns values of records into those of columns; `undefined` where a value does not fit. */
export class Cells {
  readonly #duckdb: Duckdb
  #second = ''
  #secondNs = 0n

  constructor(duckdb: Duckdb) {
    this.#duckdb = duckdb
  }

  /** A value in a column of that type. */
  of(value: unknown, type: ColumnType): DuckDBValue | undefined {
    switch (type) {
      case 'VARCHAR':
        return typeof value === 'string' ? value : JSON.stringify(value)
      case 'BIGINT':
        return Number.isSafeInteger(value) ? BigInt(value as number) : undefined
      case 'DOUBLE':
        return typeof value === 'number' ? value : undefined
      case 'BOOLEAN':
        return typeof value === 'boolean' ? value : undefined
      case 'VARCHAR[]':
        return Array.isArray(value) && value.every((part) => typeof part === 'string')
          ? this.#duckdb.listValue(value as string[])
          : undefined
      case 'TIMESTAMP_NS':
        return typeof value === 'string' ? this.#time(value) : undefined
    }
  }

  /** `2026-11-22T18:12:34.123456789Z`: most of a batch are of one second, which is read once. */
  #time(text: string): DuckDBValue | undefined {
    const second = text.slice(0, 19)
    if (second !== this.#second) {
      const ms = Date.parse(`${second}Z`)
      if (Number.isNaN(ms)) return undefined
      this.#second = second
      this.#secondNs = BigInt(ms) * 1_000_000n
    }
    const fraction = Number(text.slice(20, 29))
    if (text.length !== 30 || !Number.isInteger(fraction)) return undefined
    return new this.#duckdb.DuckDBTimestampNanosecondsValue(this.#secondNs + BigInt(fraction))
  }
}
