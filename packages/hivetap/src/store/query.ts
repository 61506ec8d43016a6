import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { StoreError } from './ask-store.js'

/** Rows of an answer, as they come. */
export interface Answer {
  readonly columns: readonly string[]
  /** Which columns hold numbers. */
  readonly numbers: readonly boolean[]
  /** Some rows at a time, at most `limit` in all. */
  readonly rows: AsyncIterable<readonly (readonly DuckDBValue[])[]>
  /** Whether there were more than were told: known once all rows are read. */
  readonly cut: boolean
}

/**
 * Asks one question of a store. What it gives is read as it comes: an answer of any length takes little memory.
 *
 * @param limit rows at most
 * @throws {StoreError} if it is more than one statement; what DuckDB says of it otherwise
 */
export async function query(connection: DuckDBConnection, sql: string, limit: number): Promise<Answer> {
  const statements = await connection.extractStatements(sql)
  if (statements.count !== 1) throw new StoreError(`A query is one statement; there are ${statements.count}`)
  const result = await connection.stream(sql)
  const columns = result.columnNames()
  const numbers = result.columnTypes().map((type) => NUMBERS.test(type.toString()))
  const answer = { columns, numbers, cut: false, rows: rows() }
  return answer

  async function* rows(): AsyncGenerator<DuckDBValue[][]> {
    let left = limit
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      if (chunk.rowCount > left) answer.cut = true
      if (left > 0) yield chunk.getRows().slice(0, left)
      left -= chunk.rowCount
      if (answer.cut) return
    }
  }
}

const NUMBERS = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UINTEGER|FLOAT|DOUBLE|DECIMAL.*)$/
