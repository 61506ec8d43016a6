import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contextOf, EPOCH, eventRecord } from '../../../../test/support/batches.js'
import { duckdbKind } from '../sinks/duckdb/duckdb.js'
import { type AnswerFormat, answerText } from './answer-text.js'
import { askStore } from './ask-store.js'
import { query } from './query.js'
import { readReport } from './report.js'
import { reportJson, reportText } from './report-text.js'

const { signal } = new AbortController()
const HOSTILE = 'evil\u001b[2J\u202e\n",x'
let directory = ''
let path = ''

/** Connects of which everything can be counted here too. */
const connects = Array.from({ length: 5000 }, (_, index) => ({
  comm: index % 500 === 0 ? HOSTILE : `program-${index % 7}`,
  destination_address: `10.0.0.${index % 5}`,
  destination_port: 443,
  latency_us: ((index * 7919) % 10_007) * (index % 5 === 3 ? 10 : 1),
  outcome: index % 50 === 0 ? 'refused' : index % 333 === 0 ? 'stuck' : 'connected',
  ...(index % 4 === 0 ? { sample: 3 } : {}),
}))

async function storeOf(name: string, records: ReturnType<typeof eventRecord>[]): Promise<string> {
  const file = join(directory, name)
  const config = duckdbKind.config.parse({ type: 'duckdb', path: file, max_age: '3650d' })
  const sink = await duckdbKind.create(config, contextOf())
  await sink.open(signal)
  if (records.length > 0) await sink.deliver({ epoch: EPOCH, firstSequence: 0, records }, signal)
  await sink.close()
  return file
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-store-'))
  path = await storeOf(
    'store.duckdb',
    connects.map((fields, index) => eventRecord(index, fields)),
  )
})
afterAll(() => rmSync(directory, { recursive: true }))

async function ask(sql: string, format: AnswerFormat = 'json', limit = 10_000, file = path) {
  let text = ''
  const cut = await askStore(file, signal, async ({ connection }) => {
    const answer = await query(connection, sql, limit)
    for await (const piece of answerText(answer, format)) text += piece
    return answer.cut
  })
  return { text, cut }
}

describe('query', () => {
  it('tells values as they are in events', async () => {
    const { text } = await ask(
      `SELECT time, sequence, comm, fast_open, 2::HUGEINT ** 70 AS much, [1, 2] AS list, {'a': 1} AS part, DATE '2026-01-02' AS day
       FROM connects WHERE sequence = 1`,
    )
    expect(JSON.parse(text)).toEqual({
      time: '2026-11-28T05:00:00.001000001Z',
      sequence: 1,
      comm: 'program-1',
      fast_open: null,
      much: expect.anything(),
      list: [1, 2],
      part: { a: 1 },
      day: '2026-01-02',
    })
  })

  it.each(['table', 'csv', 'json'] as const)('lets no control character through: %s', async (format) => {
    const { text } = await ask('SELECT comm FROM connects WHERE sequence = 0', format)
    expect(text.replace(/\r?\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    if (format === 'csv') expect(text).toBe('comm\r\n"evil?[2J?\n"",x"\r\n')
    if (format === 'json') expect((JSON.parse(text) as { comm: string }).comm).toBe(HOSTILE)
    if (format === 'table') expect(text).toBe('comm\nevil?[2J??",x\n')
  })

  it('aligns a table, and says where rows were left out', async () => {
    const { text, cut } = await ask('SELECT sequence, comm FROM connects ORDER BY 1', 'table', 3)
    expect(text).toBe('sequence  comm\n       0  evil?[2J??",x\n       1  program-1\n       2  program-2\n')
    expect(cut).toBe(true)
    expect((await ask('SELECT 1 WHERE false', 'table')).text).toBe('1\n')
    expect((await ask('SELECT sequence FROM connects', 'json', 5000)).cut).toBe(false)
    expect((await ask('SELECT sequence FROM connects', 'json', 4999)).cut).toBe(true)
    expect((await ask('SELECT sequence FROM connects', 'json', 4999)).text.split('\n')).toHaveLength(5000)
  })

  it.each([
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "COPY connects TO '/tmp/hivetap-should-not-be'",
    "ATTACH '/tmp/hivetap-should-not-be.duckdb' AS other",
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    "SET memory_limit = '100GB'",
    'DELETE FROM tcpconnlat',
    'CREATE TABLE mine (a INTEGER)',
    'SELECT 1; SELECT 2',
    '',
    'SELECT nothing FROM connects',
  ])('refuses: %s', async (sql) => {
    await expect(ask(sql)).rejects.toThrow(/./)
    expect((await ask('SELECT count(*) AS n FROM tcpconnlat')).text).toBe('{"n":5000}\n')
  })

  it('can be interrupted', async () => {
    const stop = new AbortController()
    const asked = askStore(path, stop.signal, async ({ connection }) => {
      setTimeout(() => stop.abort(), 200)
      await connection.run(
        'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = 7',
      )
    })
    await expect(asked).rejects.toThrow('Interrupted')
  })

  it('says what is no store', async () => {
    await expect(ask('SELECT 1', 'json', 1, join(directory, 'none'))).rejects.toThrow(
      /There is no store at .*none/,
    )
    await expect(ask('SELECT 1', 'json', 1, directory)).rejects.toThrow('it is no file')
    const text = join(directory, 'text')
    writeFileSync(text, 'no store'.repeat(10_000))
    await expect(ask('SELECT 1', 'json', 1, text)).rejects.toThrow('is no store')
  })
})

/** The value that so many of a hundred are not above, counted the plain way. */
function percentile(values: readonly number[], part: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * part) - 1)]
}

describe('report', () => {
  const report = (file: string, since = 0) =>
    askStore(file, signal, ({ connection }) => readReport(connection, since, ['destination', 'process']))

  it('has what is counted from the events one by one', async () => {
    const ended = connects.filter(({ outcome }) => outcome !== 'stuck')
    const weight = (some: typeof connects) => some.reduce((sum, { sample = 1 }) => sum + sample, 0)
    const { groups, ...rest } = await report(path)
    expect(rest).toMatchObject({
      connects: weight(ended),
      failed: weight(ended.filter(({ outcome }) => outcome === 'refused')),
      lost: 0,
      outcomes: ['connected', 'refused'].map((outcome) => ({
        outcome,
        connects: weight(ended.filter((one) => one.outcome === outcome)),
      })),
    })
    const expected = [...new Set(ended.map((one) => one.destination_address))].map((address) => {
      const some = ended.filter((one) => one.destination_address === address)
      const latencies = some.filter(({ outcome }) => outcome === 'connected').map((one) => one.latency_us)
      return {
        name: `${address} port 443`,
        connects: weight(some),
        failed: weight(some.filter(({ outcome }) => outcome === 'refused')),
        p50: percentile(latencies, 0.5),
        p95: percentile(latencies, 0.95),
        p99: percentile(latencies, 0.99),
        most: Math.max(...latencies),
      }
    })
    expect(groups[0]?.groups).toEqual(expected.sort((a, b) => Number(b.p99) - Number(a.p99)))
    expect(groups[0]?.groups[0]?.name).toBe('10.0.0.3 port 443')
    expect(groups[1]?.groups.map(({ name }) => name)).toContain(HOSTILE)
  })

  it('is told in tables, without control characters', async () => {
    const text = reportText(await report(path))
    expect(text).not.toMatch(/[^\P{Cc}\n]/u)
    expect(text).toMatch(
      /^\d+ connects from 2026-11-28T05:00:00Z to 2026-11-28T05:00:04Z, \d+ of them failed/,
    )
    expect(text).toMatch(/^DESTINATION +CONNECTS +FAILED +P50\(ms\) +P95\(ms\) +P99\(ms\) +MAX\(ms\)$/m)
    expect(JSON.parse(reportJson(await report(path)))).toMatchObject({ groups: [{ by: 'destination' }, {}] })
  })

  it('says that there is nothing: in an empty store, or so late', async () => {
    expect(reportText(await report(await storeOf('empty.duckdb', [])))).toBe('No connects in that time.\n')
    expect(reportText(await report(path, Date.UTC(2030)))).toBe('No connects in that time.\n')
  })
})
