import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EPOCH } from '../../../../../test/support/batches.js'
import { oddRecords } from '../../../../../test/support/odd-lines.js'
import type { SpoolRecord } from '../../spool/spool.js'
import { loadDuckdb } from './load-duckdb.js'
import { readSchema, rowsOf } from './schema.js'
import type { Writing } from './table-writer.js'
import { writeBatch } from './write-batch.js'

const closes: (() => void)[] = []
let plain: Writing
let parsed: Writing

async function memoryStore(): Promise<Writing> {
  const duckdb = await loadDuckdb()
  const instance = await duckdb.api.DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  closes.push(() => {
    connection.closeSync()
    instance.closeSync()
  })
  return { duckdb, connection, schema: await readSchema(connection) }
}

beforeAll(async () => {
  plain = await memoryStore()
  parsed = await memoryStore()
})
afterAll(() => {
  for (const close of closes.splice(0)) close()
})

/** What a store holds, table for table; it is empty then. */
async function takeAll({ connection, schema }: Writing) {
  const tables = new Map<string, unknown>()
  for (const [table, columns] of schema.tables) {
    const rows = await rowsOf(connection, `SELECT * FROM "${table}"`)
    if (rows.length > 0) tables.set(table, { columns: [...columns], rows })
    await connection.run(`DELETE FROM "${table}"`)
  }
  const marks = await rowsOf(connection, 'SELECT epoch, next_sequence FROM delivered ORDER BY ALL')
  return { tables, marks, next: [...schema.next].sort() }
}

async function write(writing: Writing, records: readonly SpoolRecord[], readsPlain: boolean) {
  const written = await writeBatch(writing, { epoch: EPOCH, firstSequence: 0, records }, readsPlain)
  return { written, held: await takeAll(writing) }
}

it('puts the same into a store as the parser, whatever the lines are', async () => {
  await fc.assert(
    fc.asyncProperty(oddRecords(10), async (records) => {
      // Nothing is known of these epochs: nearly all would be repeated otherwise.
      for (const { connection, schema } of [plain, parsed]) {
        schema.next.clear()
        await connection.run('DELETE FROM delivered')
      }
      expect(await write(plain, records, true)).toEqual(await write(parsed, records, false))
    }),
    { numRuns: 60 },
  )
}, 120_000)
