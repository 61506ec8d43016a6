import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as duckdb from '@duckdb/node-api'
import { afterEach, describe, expect, it } from 'vitest'
import { batchOf, contextOf, EPOCH, eventRecord } from '../../../../../test/support/batches.js'
import type { Destination } from '../../delivery/destination.js'
import { TOOLS } from '../../probes/tools.js'
import type { SpoolBatch } from '../../spool/spool.js'
import { duckdbKind } from './duckdb.js'

const { signal } = new AbortController()
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function storePath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hivetap-duckdb-'))
  cleanups.push(() => rmSync(directory, { recursive: true }))
  return join(directory, 'store.duckdb')
}

async function destination(
  path: string,
  options: Readonly<Record<string, unknown>> = {},
  notes: string[] = [],
): Promise<Destination> {
  const config = duckdbKind.config.parse({ type: 'duckdb', path, max_age: '3650d', ...options })
  const made = await duckdbKind.create(config, contextOf(notes))
  cleanups.push(() => made.close())
  return made
}

/** Asks DuckDB itself, once nobody has the file. */
async function ask(path: string, ...statements: string[]): Promise<duckdb.DuckDBValue[][]> {
  const instance = await duckdb.DuckDBInstance.create(path)
  const connection = await instance.connect()
  try {
    let rows: duckdb.DuckDBValue[][] = []
    for (const sql of statements) rows = await (await connection.run(sql)).getRows()
    return rows
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

describe('duckdb', () => {
  it('has a table a tool, with the fields of the tool as typed columns', async () => {
    const path = storePath()
    await (await destination(path)).open(signal)
    for (const { name, fields } of TOOLS) {
      const columns = await ask(path, `SELECT column_name FROM duckdb_columns() WHERE table_name = '${name}'`)
      expect(columns.flat()).toEqual(expect.arrayContaining(['time', 'host', 'epoch', 'sequence', 'sample']))
      expect(columns.flat()).toEqual(expect.arrayContaining(fields.map((field) => field.name)))
    }
    expect(statSync(path).mode & 0o137).toBe(0)
  })

  it('holds values as they were', async () => {
    const path = storePath()
    const sink = await destination(path)
    const text = `a'b"c\\\u0000\u202e𝒳`
    const fields = { pid: 7, comm: text, latency_us: 2 ** 40, fast_open: true, outcome: 'connected' }
    expect(
      await sink.deliver(
        batchOf(5, 3000, () => fields),
        signal,
      ),
    ).toEqual([])
    await sink.close()
    const rows = await ask(
      path,
      'SELECT time::VARCHAR, host, epoch, sequence, pid, comm, latency_us, fast_open, uid FROM connects ORDER BY sequence',
    )
    expect(rows).toHaveLength(3000)
    expect(rows[2]).toEqual([
      '2026-11-28 05:00:00.007000001',
      'node-1',
      EPOCH,
      7n,
      7n,
      text,
      2n ** 40n,
      true,
      null,
    ])
  })

  it('holds a batch of many blocks: long and short texts, lists, and lines that take the parser among them', async () => {
    const path = storePath()
    const sink = await destination(path)
    const text = (sequence: number) => 'é"\\'.repeat(sequence % 20) + sequence
    const fields = (sequence: number) => ({
      comm: text(sequence),
      ...(sequence % 3 === 0
        ? { labels: Array.from({ length: sequence % 4 }, () => `long label ${text(sequence)}`) }
        : {}),
      ...(sequence % 1000 === 7 ? { outcome: 12.5 } : { outcome: `outcome-${sequence % 7}` }),
      latency_us: sequence % 2 === 0 ? sequence * 2 ** 20 : -sequence,
    })
    const count = 36_000
    expect(await sink.deliver(batchOf(0, count, fields), signal)).toEqual([])
    await sink.close()
    const rows = await ask(
      path,
      'SELECT sequence, comm, labels, outcome, latency_us FROM connects ORDER BY sequence',
    )
    expect(rows).toHaveLength(count)
    const wrong = rows.filter(([sequence, comm, labels, outcome, latency], index) => {
      const wanted = fields(index)
      const list = labels === null ? undefined : (labels as duckdb.DuckDBListValue).items
      return !(
        sequence === BigInt(index) &&
        comm === wanted.comm &&
        JSON.stringify(list) === JSON.stringify(wanted.labels) &&
        outcome === String(wanted.outcome) &&
        latency === BigInt(wanted.latency_us)
      )
    })
    expect(wrong).toEqual([])
  }, 60_000)

  it('leaves out a time that fits no column, and takes the record', async () => {
    const path = storePath()
    const sink = await destination(path)
    const record = {
      ...eventRecord(0),
      value: Buffer.from(`{"event_id":"${EPOCH}-0","time":"9999-12-31T23:59:59.999999999Z","pid":5}`),
    }
    expect(await sink.deliver({ epoch: EPOCH, firstSequence: 0, records: [record] }, signal)).toEqual([])
    await sink.close()
    expect(await ask(path, 'SELECT sequence, pid, time FROM connects')).toEqual([[0n, 5n, null]])
  })

  it('goes on with a store whose path holds a quote, and one that DuckDB made with its own row groups', async () => {
    const path = storePath().replace('store', "it's")
    await ask(path, 'CREATE TABLE unrelated (a INTEGER)')
    for (const first of [0, 5]) {
      const sink = await destination(path)
      await sink.deliver(batchOf(first, 5), signal)
      await sink.close()
    }
    expect(await ask(path, 'SELECT count(*) FROM connects')).toEqual([[10n]])
  })

  it('has what comes again once, also of an earlier run, and in part', async () => {
    const path = storePath()
    const first = await destination(path)
    await first.deliver(batchOf(0, 10), signal)
    await first.deliver(batchOf(0, 10), signal)
    await first.close()
    const second = await destination(path)
    await second.deliver(batchOf(5, 10), signal)
    await second.close()
    const rows = await ask(path, 'SELECT sequence FROM tcpconnlat ORDER BY sequence')
    expect(rows.flat().map(Number)).toEqual(Array.from({ length: 15 }, (_, index) => index))
  })

  it('has each record once where batches were announced, others came instead, and one came again', async () => {
    const path = storePath()
    const sink = await destination(path)
    const fields = (sequence: number) => ({ comm: `a command of its own ${sequence}`, pid: sequence })
    const batches = Array.from({ length: 6 }, (_, index) => batchOf(index * 3000, 3000, fields))
    const [one, two, three, four, five, six] = batches
    /** What is announced while the batch is under way. */
    const order: [SpoolBatch | undefined, SpoolBatch | undefined][] = [
      [one, two],
      [two, three],
      // What was announced comes later.
      [batchOf(6000, 1000, fields), three],
      [three, one],
      [one, four],
      // A field that no column is there for yet, after the next was read.
      [batchOf(9000, 3000, (sequence) => ({ ...fields(sequence), new_field: sequence })), five],
      [five, six],
      [five, six],
      [six, undefined],
    ]
    for (const [batch, next] of order) {
      if (batch === undefined) throw new Error('there is no such batch')
      const delivered = sink.deliver(batch, signal)
      if (next !== undefined) sink.readAhead?.(next)
      expect(await delivered).toEqual([])
    }
    await sink.close()
    expect(four?.firstSequence).toBe(9000)
    const counts = `SELECT count(*), count(DISTINCT sequence), max(sequence), count(new_field),
      count(*) FILTER (comm != 'a command of its own ' || sequence OR pid != sequence) FROM tcpconnlat`
    expect(await ask(path, counts)).toEqual([[18_000n, 18_000n, 17_999n, 3000n, 0n]])
  }, 60_000)

  it('writes what it was given after a failure, and nothing else of it', async () => {
    const path = storePath()
    const sink = await destination(path)
    await sink.deliver(batchOf(0, 3000), signal)
    await sink.close()
    const next = batchOf(3000, 3000)
    // Somebody took a column away: DuckDB refuses no batch for that, but one whose column has another type.
    await ask(path, 'DROP VIEW connects')
    await ask(path, 'ALTER TABLE tcpconnlat ALTER host TYPE INTEGER USING 1')
    const failing = sink.deliver(next, signal)
    sink.readAhead?.(batchOf(6000, 10))
    await expect(failing).rejects.toThrow(path)
    await sink.close()
    await ask(path, "ALTER TABLE tcpconnlat ALTER host TYPE VARCHAR USING 'node-1'")
    expect(await sink.deliver(next, signal)).toEqual([])
    await sink.close()
    expect(await ask(path, 'SELECT count(*), max(sequence) FROM tcpconnlat')).toEqual([[6000n, 5999n]])
  }, 60_000)

  it('goes on with a store in the layout of an older DuckDB, and brings it to its own', async () => {
    const path = storePath()
    const columns = `time TIMESTAMP_NS, host VARCHAR, epoch VARCHAR, sequence BIGINT, comm VARCHAR, latency_us BIGINT`
    const attach = `ATTACH '${path}' AS store (TYPE duckdb, ROW_GROUP_SIZE 16384)`
    const layout = `SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()`
    for (const sql of [
      'CREATE TABLE store.store (version INTEGER)',
      'INSERT INTO store.store VALUES (1)',
      `CREATE TABLE store.tcpconnlat (${columns})`,
      `INSERT INTO store.tcpconnlat SELECT now()::TIMESTAMP::TIMESTAMP_NS, 'node-1', '${EPOCH}', i, 'curl ' || i % 7, i FROM range(20000) r(i)`,
      'CREATE TABLE store.delivered (epoch VARCHAR, next_sequence BIGINT, at_time TIMESTAMP)',
      `INSERT INTO store.delivered VALUES ('${EPOCH}', 20000, now()::TIMESTAMP)`,
    ])
      await ask(':memory:', attach, sql)
    expect(await ask(path, layout)).toEqual([['v1.0.0+']])
    const sink = await destination(path)
    for (const first of [10_000, 20_000])
      await sink.deliver(
        batchOf(first, 20_000, (sequence) => ({ comm: `curl ${sequence % 7}`, latency_us: sequence })),
        signal,
      )
    await sink.close()
    expect(await ask(path, layout)).toEqual([['v1.3.0+']])
    const [rows] = await ask(
      path,
      `SELECT count(*), count(DISTINCT sequence), sum(latency_us)::BIGINT, count(DISTINCT comm) FROM connects
       WHERE comm = 'curl ' || sequence % 7`,
    )
    expect(rows).toEqual([40_000n, 40_000n, (39_999n * 40_000n) / 2n, 7n])
  }, 60_000)

  it('takes fields and tools that this version does not know', async () => {
    const path = storePath()
    const sink = await destination(path)
    await sink.deliver(batchOf(0, 1), signal)
    const newer = batchOf(1, 2, () => ({
      pod: 'web-1',
      ratio: 0.5,
      labels: ['a', 'b'],
      owner: { kind: 'x' },
    }))
    await sink.deliver(newer, signal)
    const records = [eventRecord(3, { answer: 42 }, 'dnslat')]
    await sink.deliver({ epoch: EPOCH, firstSequence: 3, records }, signal)
    await sink.close()
    expect(await ask(path, 'SELECT pod, ratio, labels, owner FROM connects WHERE sequence = 1')).toEqual([
      ['web-1', 0.5, duckdb.listValue(['a', 'b']), '{"kind":"x"}'],
    ])
    expect(await ask(path, 'SELECT sequence, answer FROM dnslat')).toEqual([[3n, 42n]])
    // The next run reads that from the file.
    const again = await destination(path)
    await again.deliver(
      batchOf(4, 1, () => ({ pod: 'web-2' })),
      signal,
    )
    await again.close()
    expect(await ask(path, 'SELECT count(pod) FROM connects')).toEqual([[3n]])
  })

  it('gains the columns of a newer version', async () => {
    const path = storePath()
    await (await destination(path)).open(signal)
    await ask(path, 'DROP VIEW connects')
    await ask(path, 'ALTER TABLE tcpconnlat DROP COLUMN latency_us')
    const sink = await destination(path)
    await sink.deliver(
      batchOf(0, 1, () => ({ latency_us: 5 })),
      signal,
    )
    await sink.close()
    expect(await ask(path, 'SELECT latency_us FROM connects')).toEqual([[5n]])
  })

  it('refuses a store of a later version', async () => {
    const path = storePath()
    await (await destination(path)).open(signal)
    await ask(path, 'INSERT INTO store VALUES (99)')
    const sink = await destination(path)
    await expect(sink.open(signal)).rejects.toMatchObject({ kind: 'store_too_new', passing: false })
  })

  it('has accounts in the ledger, and losses once', async () => {
    const path = storePath()
    const sink = await destination(path)
    const envelope = { version: 1, time: '2026-11-28T05:00:00.000000000Z', host: 'node-1', tool: '' }
    const records = [
      { record: 'epoch', state: 'started', epoch: 'other', sequences: 1, events: 0, event_id: `${EPOCH}-0` },
      { record: 'ledger', produced: 5, dropped: { map_full: 2 }, ended: true, event_id: `${EPOCH}-1` },
      {
        record: 'loss',
        sink: 's',
        epoch: EPOCH,
        count: 3,
        reason: 'refused',
        event_id: `${EPOCH}-loss-s-4-6`,
      },
    ].map((record) => ({
      kind: 'ledger' as const,
      tool: '',
      timeMs: 0,
      value: Buffer.from(JSON.stringify({ ...envelope, ...record })),
    }))
    for (let times = 0; times < 2; times++)
      await sink.deliver({ epoch: EPOCH, firstSequence: 0, records }, signal)
    await sink.close()
    expect(
      await ask(
        path,
        'SELECT record, epoch, of_epoch, produced, dropped, count FROM ledger ORDER BY event_id',
      ),
    ).toEqual([
      ['epoch', EPOCH, 'other', null, null, null],
      ['ledger', EPOCH, null, 5n, '{"map_full":2}', null],
      ['loss', EPOCH, EPOCH, null, null, 3n],
    ])
  })

  it('says which records are no JSON, and takes the others', async () => {
    const path = storePath()
    const sink = await destination(path)
    const { records } = batchOf(0, 2)
    const broken = { ...eventRecord(2), value: Buffer.from('{"version"') }
    const batch = { epoch: EPOCH, firstSequence: 0, records: [...records, broken] }
    expect(await sink.deliver(batch, signal)).toEqual([{ index: 2, reason: 'refused' }])
    await sink.close()
    expect(await ask(path, 'SELECT count(*) FROM tcpconnlat')).toEqual([[2n]])
  })

  it('removes what is too old, and counts it', async () => {
    const path = storePath()
    const notes: string[] = []
    const sink = await destination(path, { max_age: '1h' }, notes)
    const now = Date.now()
    const records = [
      ...Array.from({ length: 10 }, (_, index) => eventRecord(index, {}, 'tcpconnlat', now - 7_200_000)),
      ...Array.from({ length: 10 }, (_, index) => eventRecord(10 + index, {}, 'tcpconnlat', now)),
    ]
    await sink.deliver({ epoch: EPOCH, firstSequence: 0, records }, signal)
    await sink.close()
    expect(await ask(path, 'SELECT min(sequence), count(*) FROM tcpconnlat')).toEqual([[10n, 10n]])
    expect(await ask(path, 'SELECT reason, records FROM removed')).toEqual([['max_age', 10n]])
    expect(notes).toEqual(['old records were removed from the store'])
  })

  it('keeps within its bytes: the oldest go, what is left is counted whole', async () => {
    const path = storePath()
    const fields = () => ({ comm: crypto.randomUUID() + crypto.randomUUID() + crypto.randomUUID() })
    let sequence = 0
    for (let times = 0; times < 4; times++) {
      const sink = await destination(path, { max_bytes: '8MiB', memory_limit: '256MiB' })
      for (let batches = 0; batches < 4; batches++, sequence += 10_000)
        await sink.deliver(batchOf(sequence, 10_000, fields), signal)
      await sink.close()
      expect(statSync(path).size).toBeLessThan(3 * 8 * 2 ** 20)
    }
    const [[least, most, count] = []] = await ask(
      path,
      'SELECT min(sequence), max(sequence), count(*) FROM tcpconnlat',
    )
    const [[removed] = []] = await ask(path, 'SELECT sum(records)::BIGINT FROM removed')
    expect(most).toBe(BigInt(sequence - 1))
    expect(least).toBe(removed)
    expect(count).toBe(BigInt(sequence) - (removed as bigint))
    expect(Number(removed)).toBeGreaterThan(0)
  }, 60_000)

  it('says that a file is no store', async () => {
    const sink = await destination('/etc/passwd')
    await expect(sink.open(signal)).rejects.toMatchObject({ passing: false })
  })
})
