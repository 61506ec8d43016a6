import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EPOCH, eventRecord } from '../../../../../test/support/batches.js'
import { oddRecords } from '../../../../../test/support/odd-lines.js'
import type { SpoolRecord } from '../../spool/spool.js'
import { loadDuckdb } from './load-duckdb.js'
import { RowReader } from './read-rows.js'
import { readSchema, rowsOf } from './schema.js'
import type { Writing } from './table-writer.js'
import { writeBatch } from './write-batch.js'
import { writeRows } from './write-rows.js'

const closes: (() => void)[] = []
let plain: Writing
let parsed: Writing
let ahead: Writing

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

beforeEach(async () => {
  plain = await memoryStore()
  parsed = await memoryStore()
  ahead = await memoryStore()
})
afterEach(() => {
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

/** Nothing is known of an epoch then: nearly all would be repeated otherwise. */
async function forgetEpochs(): Promise<void> {
  for (const { connection, schema } of [plain, parsed, ahead]) {
    schema.next.clear()
    await connection.run('DELETE FROM delivered')
  }
}

it('puts the same into a store as the parser, whatever the lines are', async () => {
  await fc.assert(
    fc.asyncProperty(oddRecords(10), async (records) => {
      await forgetEpochs()
      expect(await write(plain, records, true)).toEqual(await write(parsed, records, false))
    }),
    { numRuns: 60 },
  )
}, 120_000)

const texts = fc.constantFrom('', 'curl', 'twelve bytes', 'thirteen byte', 'a'.repeat(300), 'é𝒳', 'a"b')
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 6 })
/** What a line tells besides: each of few values, so that a line often has those of the line before. */
const fields = fc.oneof(
  fc.record({
    tool: fc.constant('tcpconnlat'),
    comm: some(texts),
    pid: some(fc.constantFrom(1, 22, 4_026_531_840)),
    latency_us: some(fc.constantFrom(0, -1, 2 ** 40)),
    fast_open: some(fc.boolean()),
    outcome: some(texts),
  }),
  fc.record({
    tool: fc.constant('execsnoop'),
    args: some(fc.array(texts, { maxLength: 3 })),
    comm: some(texts),
  }),
)
const steps = fc.array(fc.record({ told: fields, times: fc.nat(3), step: fc.nat(2), second: fc.nat(2) }), {
  maxLength: 12,
})
/** Lines as the agent writes them, many of which have what the line before has. */
const likeRecords = steps.map((runs) => {
  let sequence = 0
  return runs.flatMap(({ told: { tool, ...rest }, times, step, second }) =>
    Array.from({ length: times }, () => {
      sequence += step
      return eventRecord(sequence, rest, tool, Date.UTC(2026, 10, 28, 5, 0, second) + sequence)
    }),
  )
})

const reader = new RowReader()

/** As the destination does: what was read beforehand, or else the slow way. */
async function writeAhead(writing: Writing, records: readonly SpoolRecord[]) {
  const batch = { epoch: EPOCH, firstSequence: 0, records }
  const rows = await reader.read(batch, writing.schema)
  const isWritten = rows !== undefined && (await writeRows(writing, rows, () => reader.clear()))
  reader.clear()
  if (!isWritten) await writeBatch(writing, batch)
  return { held: await takeAll(writing), isWritten }
}

it('puts the same into a store as the parser where lines are like the ones before, and where they were read ahead', async () => {
  let readAhead = 0
  await fc.assert(
    fc.asyncProperty(likeRecords, likeRecords, async (first, second) => {
      await forgetEpochs()
      for (const records of [first, second]) {
        const { held } = await write(parsed, records, false)
        expect((await write(plain, records, true)).held).toEqual(held)
        const read = await writeAhead(ahead, records)
        expect(read.held).toEqual(held)
        if (read.isWritten) readAhead++
      }
    }),
    { numRuns: 60 },
  )
  expect(readAhead).toBeGreaterThan(0)
}, 120_000)
